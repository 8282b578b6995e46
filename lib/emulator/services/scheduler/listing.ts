import { ModelConstraints, type Page, page } from '../../core';
import { validation } from './errors';
import { LIMITS } from './limits';
import { checkName } from './names';

/** The members that the inputs of all listings have. */
export interface ListingInput {
  readonly NamePrefix?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** One page of a listing. */
export function listed<T>(all: readonly T[], input: ListingInput, isWanted: (item: T) => boolean): Page<T> {
  const { NamePrefix, MaxResults = LIMITS.page, NextToken } = input;
  const constraints = new ModelConstraints();
  checkName(constraints, 'namePrefix', NamePrefix);
  constraints.range('maxResults', MaxResults, 1, LIMITS.page).length('nextToken', NextToken, 1, 2_048);
  constraints.check('ValidationException');
  return page(all.filter(isWanted), MaxResults, NextToken, () => validation('Invalid NextToken.'));
}

export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
