import { malformed } from './malformed';
import { type AccessRequest, readerOf } from './request';

/** A text of a policy, which may depend on the request. */
export type Text = (request: AccessRequest) => string;

const VARIABLE = /\$\{([^}]*)\}/g;
const SPELLING = /^\s*([^,\s]+)\s*(?:,\s*'(.*)'\s*)?$/;
const LITERALS = /\$\{[*?$]\}/;

/**
 * A text with the variables in it: `${aws:userid}`, or `${aws:username, 'nobody'}` with what stands for one that the request
 * has not. Policies of 2008 have none: there the text is as it is written.
 */
export function compileText(text: string, variables: boolean): Text {
  if (!hasVariables(text, variables)) return () => text;
  const literal = LITERALS.exec(text)?.[0];
  if (literal !== undefined)
    throw malformed(`${JSON.stringify(text)} has ${literal}, which the emulator does not know`);
  return (request) =>
    text.replace(VARIABLE, (written, inside: string) => {
      const [, key, fallback] = SPELLING.exec(inside) ?? [];
      // One that is not there stays as it is written, and so matches nothing.
      return (key === undefined ? undefined : readerOf(key)(request)) ?? fallback ?? written;
    });
}

/** Whether a text depends on the request. */
export function hasVariables(text: string, variables: boolean): boolean {
  return variables && text.includes('${');
}
