import { timeOfDay } from '../output';
import { DisplayNames, type LogLine, type StackReport } from '../../lib/emulator';

/**
 * Returns a function that formats a line of a handler or worker: the emulated time, the function or the Auto Scaling
 * group with the instance, and the text.
 * @param reports returns the deployed stacks, which a line's construct path comes from
 */
export function logLineFormatter(reports: () => readonly StackReport[]): (line: LogLine) => string {
  let known: readonly StackReport[] = [];
  let names = new DisplayNames(known);
  return ({ source, group, text, at }) => {
    // A deployment replaces reports, so the same ones have the same names.
    const current = reports();
    if (current.length !== known.length || current.some((report, index) => report !== known[index])) {
      known = [...current];
      names = new DisplayNames(known);
    }
    const name = group === undefined ? names.ofAny(source) : `${names.ofAny(group)} ${source}`;
    return `${timeOfDay(at)} ${name} | ${text}`;
  };
}
