import type { FunctionError } from './runner';

/** Why a function's code cannot be loaded, in one line, including the file and line if known. */
export function describeInitError(
  { errorType, errorMessage, trace = [] }: FunctionError,
  codeDirectory: string,
): string {
  const [message] = errorMessage.split('\n');
  const place = placeIn(trace, `${codeDirectory}/`);
  return place === undefined ? `${errorType}: ${message}` : `${errorType}: ${message} (${place})`;
}

function placeIn([first = '', ...frames]: readonly string[], inside: string): string | undefined {
  // The stack of a syntax error has no frame of the code, which never ran: its location is alone in the first line.
  const line = [first, ...frames.filter((frame) => /^\s+at /.test(frame))].find((text) => text.includes(inside));
  return line?.slice(line.indexOf(inside) + inside.length).replace(/\)$/, '');
}
