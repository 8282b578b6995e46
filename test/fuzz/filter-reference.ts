/*
 * What AWS's documentation says of subscription filter policies, in the plainest form: a policy is interpreted for each
 * message, value by value. Written from these pages, and from nothing else:
 *
 *   https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 *   https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html
 *   https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html
 *   https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
 *   https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
 */

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

/** Whether a policy accepts a message body. */
export function bodyMatches(policy: JsonObject, body: JsonObject): boolean {
  for (const key in policy) {
    const wanted = policy[key];
    if (key === '$or' && isOr(wanted)) {
      let any = false;
      for (const each of wanted) if (bodyMatches(each, body)) any = true;
      if (!any) return false;
    } else if (Array.isArray(wanted)) {
      if (
        !keyMatches(wanted, Object.hasOwn(body, key) ? flat(body[key]).filter((value) => !isObject(value)) : undefined)
      )
        return false;
    } else {
      const objects = Object.hasOwn(body, key) ? flat(body[key]).filter(isObject) : [];
      if (objects.length === 0) objects.push({});
      if (!objects.some((object) => bodyMatches(wanted as JsonObject, object))) return false;
    }
  }
  return true;
}

/** Whether a policy accepts message attributes: strings, numbers, or arrays of them, by name. */
export function attributesMatch(policy: JsonObject, attributes: { [name: string]: Json[] }): boolean {
  for (const key in policy) {
    const wanted = policy[key];
    if (key === '$or' && isOr(wanted)) {
      if (wanted.filter((each) => attributesMatch(each, attributes)).length === 0) return false;
    } else if (!keyMatches(wanted as Json[], Object.hasOwn(attributes, key) ? attributes[key] : undefined))
      return false;
  }
  return true;
}

/** A key matches if one of the policy's values matches one of the message's. */
function keyMatches(wanted: Json[], given: Json[] | undefined): boolean {
  for (const condition of wanted) {
    if (isObject(condition) && 'exists' in condition) {
      if (condition.exists === (given !== undefined)) return true;
    } else {
      for (const value of given ?? []) if (valueMatches(condition, value)) return true;
    }
  }
  return false;
}

function valueMatches(condition: Json, value: Json): boolean {
  if (!isObject(condition)) return condition === value;
  if ('prefix' in condition) return typeof value === 'string' && value.indexOf(condition.prefix as string) === 0;
  if ('suffix' in condition) {
    const suffix = condition.suffix as string;
    return (
      typeof value === 'string' && value.length >= suffix.length && value.slice(value.length - suffix.length) === suffix
    );
  }
  if ('equals-ignore-case' in condition) {
    const other = condition['equals-ignore-case'] as string;
    return typeof value === 'string' && value.toUpperCase() === other.toUpperCase();
  }
  if ('wildcard' in condition) return typeof value === 'string' && like(condition.wildcard as string, value);
  if ('numeric' in condition) return typeof value === 'number' && inRange(condition.numeric as Json[], value);
  if ('cidr' in condition) return typeof value === 'string' && inNetwork(condition.cidr as string, value);
  const excluded = condition['anything-but'];
  if (isObject(excluded)) return !valueMatches(excluded, value);
  for (const each of Array.isArray(excluded) ? excluded : [excluded]) if (each === value) return false;
  return true;
}

/** `*` is any sequence of characters; `\*` and `\\` are literal. By regular expression. */
function like(pattern: string, value: string): boolean {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '*') source += '[^]*';
    else {
      if (pattern[at] === '\\') at++;
      source += `\\u{${(pattern.codePointAt(at) ?? 0).toString(16)}}`;
      if ((pattern.codePointAt(at) ?? 0) > 0xffff) at++;
    }
  }
  return new RegExp(`^${source}$`, 'u').test(value);
}

function inRange(terms: Json[], value: number): boolean {
  for (let at = 0; at < terms.length; at += 2) {
    const limit = terms[at + 1] as number;
    const holds =
      terms[at] === '='
        ? value === limit
        : terms[at] === '<'
          ? value < limit
          : terms[at] === '<='
            ? value <= limit
            : terms[at] === '>'
              ? value > limit
              : value >= limit;
    if (!holds) return false;
  }
  return true;
}

/** IPv4 only. */
function inNetwork(cidr: string, address: string): boolean {
  const [base, bits] = cidr.split('/');
  const number = (text: string) => {
    if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
    const parts = text.split('.').map(Number);
    if (parts.some((part, index) => part > 255 || String(part) !== text.split('.')[index])) return undefined;
    return parts.reduce((sum, part) => sum * 256 + part, 0);
  };
  const [one, other] = [number(base), number(address)];
  if (one === undefined || other === undefined) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(one / size) === Math.floor(other / size);
}

/** `$or` with two objects or more that are not conditions. */
function isOr(value: Json): value is JsonObject[] {
  const names = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard', 'numeric', 'cidr', 'exists', 'anything-but'];
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((each) => isObject(each) && names.every((name) => !(name in each)));
}

function flat(value: Json): Json[] {
  return Array.isArray(value) ? ((value as readonly unknown[]).flat(Infinity) as Json[]) : [value];
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
