import { arnParts } from './arn';
import { type Deployment } from './deployment';
import { booleanIn } from './json';
import { type Resource, type StackTemplate } from './resource';

/** The queue at the end of a reference: one of this app, or one that only its ARN is known of. */
export interface QueueEnd {
  /** The queue, when it is in these templates. */
  readonly queue?: Resource;
  /** Its ARN, when it is written out. */
  readonly arn?: string;
  /** Which attribute of the queue the reference takes: `Arn`, or `Ref` for its URL. */
  readonly attribute?: string;
  /** How to call it in messages. */
  readonly name: string;
}

/** The queue that a property means by its ARN (or, wrongly, its URL); undefined when it isn't known to be a queue. */
export function queueEnd(app: Deployment, value: unknown, stack: StackTemplate): QueueEnd | undefined {
  const target = app.target(value, stack);
  if (target !== undefined) {
    const { resource: queue, attribute } = target;
    return queue.type === 'AWS::SQS::Queue' ? { queue, attribute, name: queue.path } : undefined;
  }
  const arn = app.text(value, stack);
  const [prefix, , service, region, account, name] = arnParts(arn ?? '');
  if (arn === undefined || prefix !== 'arn' || service !== 'sqs') return undefined;
  const queue = app.ofType('AWS::SQS::Queue').find(
    (one) =>
      app.text(one.get('QueueName'), one.stack) === name &&
      region === (one.stack.region ?? '${AWS::Region}') && // wholly known or wholly not
      account === (one.stack.account ?? '${AWS::AccountId}'),
  );
  return { queue, arn, attribute: 'Arn', name: queue?.path ?? arn };
}

/** Whether a queue is FIFO; undefined when that isn't known at synthesis. */
export function isFifo({ queue, arn }: QueueEnd): boolean | undefined {
  return queue === undefined ? arn?.endsWith('.fifo') : booleanIn(queue.get('FifoQueue') ?? false);
}

/** The region of a queue, when it is known at synthesis. */
export function regionOf({ queue, arn }: QueueEnd): string | undefined {
  return queue === undefined ? arnPart(arn, 3) : queue.stack.region;
}

/** The account of a queue, when it is known at synthesis. */
export function accountOf({ queue, arn }: QueueEnd): string | undefined {
  return queue === undefined ? arnPart(arn, 4) : queue.stack.account;
}

function arnPart(arn: string | undefined, index: number): string | undefined {
  const part = arnParts(arn ?? '')[index];
  return part === undefined || part === '' || part.includes('${') ? undefined : part;
}
