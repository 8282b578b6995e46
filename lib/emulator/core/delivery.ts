import { AwsError } from './aws-error';

/** What one service hands to a resource of another: a notification, an event, a message. */
export interface Delivery {
  /** As text: a message's body, or an event in JSON. */
  readonly payload: string;
  /** What the text was made of, for targets that read more than the text tells: an alarm's notice. */
  readonly source?: unknown;
}

/** What was to be delivered to a resource of a service that is not emulated, or takes no deliveries. */
export class NotDeliverable extends AwsError {
  constructor(targetArn: string) {
    super('NotFound', `There is nothing emulated at ${targetArn}.`, { status: 404 });
  }
}
