import { port, type RequestContext } from '../../core';

/** The KMS keys of topics. */
export interface TopicKeys {
  /**
   * Has KMS generate and decrypt a data key for a topic, on behalf of a publisher. Throws KMS's AwsError if that is
   * refused.
   */
  use(keyId: string, topicArn: string, publisher: RequestContext): void;
}

/** A POST request to an HTTP endpoint. */
export interface HttpPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends HTTP requests to this machine. */
export interface HttpSender {
  /** Whether a URL's host is this machine: requests go nowhere else. */
  reaches(url: string): boolean;
  /** Returns the status of the response; rejects if there is none. */
  post(request: HttpPost): Promise<number>;
}

export const TOPIC_KEYS = port<TopicKeys>('sns/keys');
export const HTTP_SENDER = port<HttpSender>('sns/http');

/** Where the delivery status of topics is logged. */
export interface DeliveryLogs {
  /**
   * Writes a line to a log group, which is created if it does not exist.
   * @param at in milliseconds since the epoch
   */
  write(logGroup: string, line: string, at: number): void;
}

export const DELIVERY_LOGS = port<DeliveryLogs>('sns/delivery-logs');
