import type { AwsError } from './aws-error';

/** One page of a listing. */
export interface Page<T> {
  readonly items: T[];
  /** The next page's token; absent on the last page. */
  readonly nextToken?: string;
}

/**
 * Returns the page of `all` that `token` names, or the first page if there is no token.
 * @param invalid makes the error for a token that was not issued here
 */
export function page<T>(all: readonly T[], size: number, token: string | undefined, invalid: () => AwsError): Page<T> {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isSafeInteger(start) || start < 0 || (token !== undefined && tokenAt(start) !== token)) throw invalid();
  const end = start + size;
  return { items: all.slice(start, end), nextToken: end < all.length ? tokenAt(end) : undefined };
}

function tokenAt(start: number): string {
  return Buffer.from(String(start)).toString('base64url');
}
