import type { Clock, Random } from '../../clock';
import type { Timeline } from '../../timeline';
import type { QueueSource } from './event-sources/queue-source';
import type { LambdaLimits } from './limits';
import type { FunctionRunner } from './runner';

/** The collaborators and settings of the Lambda service. */
export interface LambdaDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly runner: FunctionRunner;
  readonly queues: QueueSource;
  /**
   * Unpacks a zip archive into a folder. Throws if it is not one, and an AwsError if its files are too large.
   * @default - code cannot be uploaded
   */
  readonly unpack?: (functionName: string, archive: Uint8Array) => string;
  /**
   * Removes a folder of code that no function uses any more, if it was made for that: assets stay.
   * @default - folders stay
   */
  readonly discard?: (codeDirectory: string) => void;
  /** @default - AWS's own */
  readonly limits?: Partial<LambdaLimits>;
}
