/**
 * Whether `value` matches `pattern`: `*` stands for any characters, `?` for one. Takes time in proportion to the
 * product of their lengths, whatever the pattern; a regular expression with many stars could take exponential time.
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
      // Let the latest star match one more character.
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

/** As {@link wildcardMatches}, but matches each of an ARN's six parts separately: a star never spans a colon. */
export function arnMatches(pattern: string, arn: string): boolean {
  if (pattern === '*' || pattern === arn) return true;
  if (!pattern.includes('*') && !pattern.includes('?')) return false;
  const [wanted, given] = [arnParts(pattern), arnParts(arn)];
  if (wanted.length < ARN_PARTS || given.length < ARN_PARTS) return wildcardMatches(pattern, arn);
  return wanted.every((part, index) => wildcardMatches(part, given[index]));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= ARN_PARTS ? parts : [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
}
