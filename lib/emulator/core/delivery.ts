import { AwsError } from './aws-error';

/** What one service delivers to another service's resource: a notification, an event or a message. */
export interface Delivery {
  /** The delivered text: a message body, or an event as JSON. */
  readonly payload: string;
  /**
   * The object that the text was made from, for targets that need more than the text, such as an alarm notification.
   */
  readonly source?: unknown;
}

/** What was to be delivered to a resource of a service that is not emulated, or takes no deliveries. */
export class NotDeliverable extends AwsError {
  constructor(targetArn: string) {
    super('NotFound', `There is nothing emulated at ${targetArn}.`, { status: 404 });
  }
}
