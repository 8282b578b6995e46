import { malformed } from './malformed';
import { type AccessRequest, readerOf } from './request';

/** A string in a policy, which may depend on the request. */
export type Text = (request: AccessRequest) => string;

const VARIABLE = /\$\{([^}]*)\}/g;
const SPELLING = /^\s*([^,\s]+)\s*(?:,\s*'(.*)'\s*)?$/;
const LITERALS = /\$\{[*?$]\}/;

/**
 * Compiles a string with policy variables: `${aws:userid}`, or `${aws:username, 'nobody'}` with a default. Policies of
 * version 2008-10-17 have no variables: the string is used as written.
 */
export function compileText(text: string, variables: boolean): Text {
  if (!hasVariables(text, variables)) return () => text;
  const literal = LITERALS.exec(text)?.[0];
  if (literal !== undefined)
    throw malformed(`${JSON.stringify(text)} uses ${literal}, which the emulator does not support`);
  return (request) =>
    text.replace(VARIABLE, (written, inside: string) => {
      const [, key, fallback] = SPELLING.exec(inside) ?? [];
      // A variable without a value stays as written, and so matches nothing.
      return (key === undefined ? undefined : readerOf(key)(request)) ?? fallback ?? written;
    });
}

/** Whether a string depends on the request. */
export function hasVariables(text: string, variables: boolean): boolean {
  return variables && text.includes('${');
}
