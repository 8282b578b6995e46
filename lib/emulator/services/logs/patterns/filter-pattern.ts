import { invalidPattern } from '../errors';
import { fieldsPattern } from './fields-pattern';
import { jsonPattern } from './json-pattern';
import { termsPattern } from './terms-pattern';

/** What a pattern found in a message. */
export interface Match {
  /** The value of a selector such as `$.latency` or `$status`; undefined if the message has none. */
  value(selector: string): string | undefined;
  /** The values that TestMetricFilter shows, by their selectors. */
  extracted(): Record<string, string>;
}

/** A filter pattern of CloudWatch Logs. */
export interface FilterPattern {
  /** How many regular expressions it has. */
  readonly regexes: number;
  match(message: string): Match | undefined;
}

const LONGEST = 1_024;
const MOST_REGEXES = 2;

/** Reads a filter pattern. Throws AWS's error for one that cannot be read. */
export function readPattern(text: string): FilterPattern {
  const pattern = text.trim();
  if (text.length > LONGEST) throw invalidPattern();
  const read = pattern.startsWith('{') ? jsonPattern : pattern.startsWith('[') ? fieldsPattern : termsPattern;
  const found = read(pattern);
  if (found.regexes > MOST_REGEXES) throw invalidPattern();
  return found;
}
