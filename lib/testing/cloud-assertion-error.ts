/** Thrown by the assertions. Its message says what is, and shows the timeline. */
export class CloudAssertionError extends Error {
  public override readonly name = 'CloudAssertionError';
}
