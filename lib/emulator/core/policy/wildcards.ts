/**
 * Whether `value` is what `pattern` says: `*` stands for any characters, `?` for one. In time proportional to the product
 * of their lengths, whatever the pattern: a regular expression of one with many stars could take for ever.
 */
export function wildcardMatches(pattern: string, value: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let retry = 0;
  while (at < value.length) {
    const letter = pattern[inPattern];
    if (letter === '*') {
      star = inPattern++;
      retry = at;
    } else if (letter !== undefined && (letter === '?' || letter === value[at])) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      // The latest star stands for one character more.
      inPattern = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}

const ARN_PARTS = 6;

/** As {@link wildcardMatches}, each of the six parts of an ARN on its own: a star does not reach over a colon. */
export function arnMatches(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const [wanted, given] = [arnParts(pattern), arnParts(arn)];
  if (wanted.length < ARN_PARTS || given.length < ARN_PARTS) return wildcardMatches(pattern, arn);
  return wanted.every((part, index) => wildcardMatches(part, given[index]));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= ARN_PARTS ? parts : [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
}
