import { AwsError } from '../../core';

/** Deletes something; where the service refuses with one of these errors, as there is no such thing, it is gone. */
export function unlessGone(remove: () => void, ...shapes: readonly string[]): void {
  try {
    remove();
  } catch (error) {
    if (!(error instanceof AwsError && shapes.includes(error.shape))) throw error;
  }
}
