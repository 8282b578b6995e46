import { type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { type RequestValue } from './request-value';

/** How many requests of all clients together API Gateway lets through; it answers others with status 429. */
export interface RequestThrottle {
  /** Requests a second, on average. */
  readonly rateLimit: number;

  /** Requests at the same time, above the rate. */
  readonly burstLimit: number;
}

/** Properties that producers have for both kinds of APIs. */
export interface ApiProducerProps {
  /**
   * The path of the requests, which may have parameters: `/orders/{id}`.
   *
   * @default '/'
   */
  readonly path?: string;

  /**
   * The method of the requests: `POST`, `PUT` or `PATCH`.
   *
   * @default 'POST'
   */
  readonly method?: string;

  /**
   * The message group of each message. A FIFO queue needs one; in a standard queue it makes each group a tenant of a
   * fair queue.
   *
   * @default - none
   */
  readonly messageGroupId?: RequestValue;

  /**
   * What a FIFO queue tells repeated messages by. A client that got no answer sends its request again with the same
   * value, and the message is in the queue once.
   *
   * @default - RequestValue.header('Idempotency-Key') for a FIFO queue without content-based deduplication, none for others
   */
  readonly deduplicationId?: RequestValue;

  /**
   * How many requests the API lets through. Not with `api`.
   *
   * @default - the limits of the account
   */
  readonly throttle?: RequestThrottle;

  /**
   * Where the API's access log goes. Not with `api`.
   *
   * @default - a log group is created, which keeps entries for a year and is retained
   */
  readonly accessLogGroup?: ILogGroup;
}
