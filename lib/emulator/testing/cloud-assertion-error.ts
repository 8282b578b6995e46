/** Thrown by the assertions. Its message describes the actual state and shows the timeline. */
export class CloudAssertionError extends Error {
  public override readonly name = 'CloudAssertionError';
}
