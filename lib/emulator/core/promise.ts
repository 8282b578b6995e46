/** Whether a value is a promise, of this realm or of another: anything with a `then` method. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
