/** What went wrong in a worker or handler that carries on nevertheless. */
export interface Failure {
  /** What was being done, e.g. `receive` or `handle`. */
  readonly during: 'receive' | 'handle' | 'delete' | 'retry' | 'heartbeat' | 'lifecycle';
  readonly error: unknown;
  /** The message concerned, when there is one. */
  readonly messageId?: string;
}

/** One line of JSON on stderr, which CloudWatch Logs Insights can query by field. */
export function logFailure({ during, error, messageId }: Failure): void {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  console.error(JSON.stringify({ failed: during, message: messageId, reason }));
}
