import type { AwsError } from './aws-error';

/** One page of a listing. */
export interface Page<T> {
  readonly items: T[];
  /** Where the next page begins; absent on the last one. */
  readonly nextToken?: string;
}

/**
 * The page of `all` that `token` names, the first one without it.
 * @param invalid the error for a token that we never gave out
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
