import { AwsError } from '../../core';

/** Calls `remove`, and ignores these errors: the service throws them if the resource is already gone. */
export function unlessGone(remove: () => void, ...shapes: readonly string[]): void {
  try {
    remove();
  } catch (error) {
    if (!(error instanceof AwsError && shapes.includes(error.shape))) throw error;
  }
}
