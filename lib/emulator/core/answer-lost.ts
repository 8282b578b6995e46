import { AwsError } from './aws-error';

/**
 * The error of a caller whose request was served but whose response never arrived, as when the connection closes.
 * Callers inside the emulator have no connection and handle it like any other failure.
 */
export class AnswerLost extends AwsError {
  constructor() {
    super('RequestTimeout', 'The response was lost: the connection closed before it arrived.', { status: 408 });
  }
}
