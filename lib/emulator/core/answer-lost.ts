import { AwsError } from './aws-error';

/**
 * What a caller gets where its request was served and the answer never arrives: a connection that ends. Callers inside
 * the emulator, which have no connection, take it for a failure like any other.
 */
export class AnswerLost extends AwsError {
  constructor() {
    super('RequestTimeout', 'The answer got lost: the connection was closed before it arrived.', { status: 408 });
  }
}
