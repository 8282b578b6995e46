import { invalidParameterValue, invalidValue } from './errors';

const LARGEST_PAGE = 1_000;

/**
 * A page of sorted names. As in SQS, a token for the next page is returned only if the request sets MaxResults. Tokens
 * are names rather than positions: a caller may delete the queues of one page before asking for the next.
 */
export function page(
  names: readonly string[],
  { MaxResults: size, NextToken: token }: { MaxResults?: number; NextToken?: string },
): { items: readonly string[]; nextToken?: string } {
  if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= LARGEST_PAGE)) {
    throw invalidValue('MaxResults', size, `Must be between 1 and ${LARGEST_PAGE}, if provided.`);
  }
  const start = token === undefined ? 0 : names.findIndex((name) => name > lastNameOf(token));
  if (start < 0) return { items: [] };
  const items = names.slice(start, start + (size ?? LARGEST_PAGE));
  const more = size !== undefined && start + items.length < names.length;
  return more ? { items, nextToken: Buffer.from(items[items.length - 1]).toString('base64') } : { items };
}

function lastNameOf(token: string): string {
  const name = Buffer.from(token, 'base64').toString();
  if (name === '' || Buffer.from(name).toString('base64') !== token) {
    throw invalidParameterValue(
      `Value ${token} for parameter NextToken is invalid. Reason: It is not a token that was given out.`,
    );
  }
  return name;
}
