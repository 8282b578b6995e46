import { parseArn } from '../../../core';
import { SECOND } from '../../../clock';
import { type AttributeValues, isAttribute, READ_ONLY_ATTRIBUTES, withAttributes } from '../attributes';
import type { Authorization } from '../authorization';
import { invalidValue, unknownAttribute } from '../errors';
import type { SqsLimits } from '../limits';
import type { Queue } from '../queue/queue';
import type { QueueDirectory } from '../queue-directory';
import { allowsRedrive, queueArn } from '../queue/redrive';

/** A queue whose attributes are to change: what it is, and its current attributes. */
export interface Changed {
  readonly name: string;
  readonly fifo: boolean;
  readonly attributes: AttributeValues;
}

/** Validates changes of attributes: each value by itself, and redrive policies against the other queues. */
export class AttributeChanges {
  constructor(
    private readonly directory: QueueDirectory,
    private readonly limits: SqsLimits,
    private readonly authorization: Authorization,
  ) {}

  /** Returns the attributes after `changes`, which are validated first. */
  public made({ name, fifo, attributes }: Changed, changes: Readonly<Record<string, string>>): AttributeValues {
    const readOnly = Object.keys(changes).find((attribute) => READ_ONLY_ATTRIBUTES.has(attribute));
    if (readOnly !== undefined) throw unknownAttribute(readOnly);
    const changed = withAttributes(attributes, changes, fifo, this.limits);
    if (changes.Policy) this.authorization.checkPolicy(changes.Policy);
    if (changes.RedrivePolicy) this.checkDeadLetterTarget(changes.RedrivePolicy, fifo, name);
    return changed;
  }

  private checkDeadLetterTarget(policy: string, fifo: boolean, name: string): void {
    const { account, region } = this.directory;
    const { deadLetterTargetArn } = JSON.parse(policy) as { deadLetterTargetArn: string }; // validated before
    const refuse = (reason: string) => invalidValue('RedrivePolicy', policy, reason);
    const arn = parseArn(deadLetterTargetArn);
    if (arn?.account !== account) throw refuse('Dead letter target owner should be same as the source.');
    if (arn.region !== region) throw refuse('Dead letter target must be in the same region as the source.');
    const target = this.directory.named(arn.resource);
    if (target === undefined) throw refuse('Dead letter target does not exist.');
    if (target.fifo !== fifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
    if (!allowsRedrive(target.settings.redriveAllow, queueArn(region, account, name))) {
      throw refuse("The dead letter target's RedriveAllowPolicy does not allow this source queue.");
    }
  }
}

/** The attributes with those names; `All` stands for all. */
export function attributesNamed(queue: Queue, names: readonly string[]): [name: string, value: string][] {
  const unknown = names.find((name) => name !== 'All' && !isAttribute(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  const all = [...countedAttributes(queue), ...queue.attributes].filter(([name]) => applies(name, queue));
  return names.includes('All') ? all : all.filter(([name]) => names.includes(name));
}

/** Whether an attribute applies to the queue: without a KMS key there is no data key to reuse. */
function applies(name: string, { attributes }: Queue): boolean {
  return name !== 'KmsDataKeyReusePeriodSeconds' || attributes.has('KmsMasterKeyId');
}

function countedAttributes(queue: Queue): [string, string][] {
  const { visible, inFlight, delayed } = queue.counts;
  const inSeconds = (instant: number) => String(Math.floor(instant / SECOND));
  return [
    ['QueueArn', queue.arn],
    ['ApproximateNumberOfMessages', String(visible)],
    ['ApproximateNumberOfMessagesNotVisible', String(inFlight)],
    ['ApproximateNumberOfMessagesDelayed', String(delayed)],
    ['CreatedTimestamp', inSeconds(queue.createdAt)],
    ['LastModifiedTimestamp', inSeconds(queue.modifiedAt)],
  ];
}
