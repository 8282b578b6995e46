import type { Delivery, RequestContext } from '../../core';
import type { Clock, Random } from '../../clock';
import type { Timeline } from '../../timeline';
import type { QueueSource } from './event-sources/queue-source';
import type { StreamSource } from './event-sources/stream-source';
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
   * The streams from which mappings read, by service.
   * @default - none
   */
  readonly streams?: readonly StreamSource[];
  /**
   * Sends the records of asynchronous invocations to their destinations. Throws AWS's error if it is refused.
   * @default - records are not sent
   */
  readonly deliver?: (targetArn: string, delivery: Delivery, caller: RequestContext) => void;
  /**
   * Unpacks a zip archive into a folder. Throws if it is not a zip archive, and an AwsError if its files are too large.
   * @default - code cannot be uploaded
   */
  readonly unpack?: (functionName: string, archive: Uint8Array) => string;
  /**
   * Merges the content of folders into a new one; a later folder's files replace those of earlier ones.
   * @default - a function cannot have several layers
   */
  readonly merge?: (folders: readonly string[]) => string;
  /**
   * Removes a code folder that is not used any more. Folders of assets are kept.
   * @default - folders are kept
   */
  readonly discard?: (codeDirectory: string) => void;
  /**
   * Whether there is a role with this ARN, and it trusts Lambda.
   * @default - every role does
   */
  readonly mayAssume?: (roleArn: string) => boolean;
  /**
   * Shell commands that run in place of functions' code, by the functions' names, logical ids or construct paths.
   * @default - none
   */
  readonly commands?: Readonly<Record<string, string>>;
  /** @default - AWS's limits */
  readonly limits?: Partial<LambdaLimits>;
}
