import { ModelConstraints, page as pageOf } from '../../core';
import { validation } from './errors';

const USUAL = 100;
const LARGEST = 1_000;

interface Paged {
  readonly Marker?: string;
  readonly MaxItems?: number;
}

/** A page of a list, with what IAM's answers say of it. */
export function page<T>(
  all: readonly T[],
  { Marker, MaxItems }: Paged,
): { readonly items: T[]; readonly paging: { readonly IsTruncated: boolean; readonly Marker?: string } } {
  new ModelConstraints().range('maxItems', MaxItems, 1, LARGEST).check('ValidationError');
  const invalid = () => validation('Invalid Marker.');
  const { items, nextToken } = pageOf(all, MaxItems ?? USUAL, Marker, invalid);
  return {
    items,
    paging: { IsTruncated: nextToken !== undefined, ...(nextToken !== undefined && { Marker: nextToken }) },
  };
}

/** Whether something is under a path. */
export function under(prefix = '/'): (thing: { readonly path: string }) => boolean {
  return ({ path }) => path.startsWith(prefix);
}
