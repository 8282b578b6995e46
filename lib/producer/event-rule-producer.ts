import { type CfnRule, type IRule, type Rule as EventRule, type RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type Duration, Stack, Token } from 'aws-cdk-lib/core';
import { DeliveringService } from '../queue/delivering-service';
import { type MessageQueue } from '../queue/message-queue';
import { factsOf } from '../queue/queue-facts';
import { differs } from '../queue/queue-rules';
import {
  checkProps,
  checkValue,
  duration,
  enforce,
  isOutside,
  known,
  knownSeconds,
  like,
  NUMBER,
  QUEUE,
  required,
  type Rule,
  type Shape,
  TEXT,
} from '../rules';
import { TEXTS } from '../rules/texts';
import { acrossStacks, admit, type DeliverySource, knownArn } from './delivery';
import { GROUP_RULES } from './group-rules';
import { STACK_RULES } from './stack-rules';
import { type IQueueProducer } from '../queue/queue-producer';

const MIN_EVENT_AGE = 60;
const MAX_EVENT_AGE = 86_400;
const MAX_RETRIES = 185;

/** Properties of an EventRuleProducer. */
export interface EventRuleProducerProps {
  /**
   * The message group of all messages, 1 to 128 letters, digits and punctuation. A FIFO queue needs one, and
   * content-based deduplication; in a standard queue it makes this rule one tenant of a fair queue.
   *
   * @default - none
   */
  readonly messageGroupId?: string;

  /**
   * What is sent.
   *
   * @default - the event as it is
   */
  readonly input?: RuleTargetInput;

  /**
   * Where events go that EventBridge could not deliver: a standard queue of the rule's Region, also with a FIFO queue.
   *
   * @default - the queue's `undeliveredQueue`
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * For how long EventBridge tries to deliver an event, 1 minute to 24 hours.
   *
   * @default Duration.hours(24)
   */
  readonly maxEventAge?: Duration;

  /**
   * How often EventBridge tries again, 0 to 185 times.
   *
   * @default 185
   */
  readonly retryAttempts?: number;
}

const PROPS: Shape<EventRuleProducerProps> = {
  messageGroupId: TEXT,
  input: like("a RuleTargetInput, such as RuleTargetInput.fromText('hello')", 'bind'),
  deadLetterQueue: QUEUE,
  maxEventAge: duration('Duration.minutes(60)'),
  retryAttempts: NUMBER,
};

interface Facts extends EventRuleProducerProps {
  readonly rule: IRule;
  readonly queue: IQueue;
}

const RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-EventRuleProducer-EventAgeOutOfRange',
    broken: ({ maxEventAge }) => isOutside(knownSeconds(maxEventAge), MIN_EVENT_AGE, MAX_EVENT_AGE),
    message: ({ maxEventAge }) =>
      `maxEventAge must be between 1 minute and 24 hours, in whole seconds, but was ${maxEventAge?.toHumanString()}; EventBridge refuses others`,
  },
  {
    id: 'Spillway-EventRuleProducer-RetriesOutOfRange',
    broken: ({ retryAttempts }) => isOutside(known(retryAttempts), 0, MAX_RETRIES),
    message: ({ retryAttempts }) =>
      `retryAttempts must be a whole number between 0 and 185, but was ${retryAttempts}; EventBridge refuses others`,
  },
  {
    id: 'Spillway-Delivery-OtherEnvironment',
    broken: ({ rule, queue }) =>
      differs(rule.env.region, queue.env.region) || differs(rule.env.account, queue.env.account),
    message: ({ rule, queue }) =>
      `queue must be of the rule's account and Region (${rule.env.account}, ${rule.env.region}), but was of ${queue.env.account}, ${queue.env.region}; have this rule send to an event bus there, and a rule of that bus to the queue`,
  },
  {
    id: 'Spillway-Delivery-FifoUnsupported',
    broken: ({ deadLetterQueue }) => deadLetterQueue !== undefined && factsOf(deadLetterQueue).fifo === true,
    message: ({ deadLetterQueue }) =>
      `deadLetterQueue ${TEXTS['Spillway-Delivery-FifoUnsupported']({ queue: deadLetterQueue?.node.path, service: 'EventBridge', purpose: 'dead letters' })}`,
  },
  {
    id: 'Spillway-Delivery-OtherRegion',
    broken: ({ rule, deadLetterQueue }) =>
      deadLetterQueue !== undefined && differs(rule.env.region, deadLetterQueue.env.region),
    message: ({ rule, deadLetterQueue }) =>
      `deadLetterQueue ${TEXTS['Spillway-Delivery-OtherRegion']({ queue: deadLetterQueue?.node.path, service: 'EventBridge', purpose: 'dead letters', got: deadLetterQueue?.env.region, wanted: rule.env.region })}`,
  },
];

/**
 * An EventBridge rule sends what it matches to a queue, with a queue for what could not be delivered. The policies of
 * both queues admit this rule only.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 * @example
 * jobs.addProducer(new EventRuleProducer(orderPlaced));
 */
export class EventRuleProducer implements IQueueProducer {
  /**
   * @param rule the rule, of the default event bus or another
   * @param props how it delivers
   */
  constructor(
    private readonly rule: EventRule,
    private readonly props: EventRuleProducerProps = {},
  ) {}

  /** Adds the queue to the rule's targets, in the rule's stack, which so depends on the queue's. */
  public bind(target: MessageQueue): void {
    const { rule, props } = this;
    const { queue } = target;
    checkValue(target, 'rule', rule, required(like('a rule (Rule)', 'ruleArn', 'addTarget')));
    checkProps(target, 'EventRuleProducer', props, PROPS);
    enforce(target, { ...props, rule, queue }, RULES);
    enforce(target, { ...props, sender: 'EventBridge', queue, ...factsOf(queue) }, GROUP_RULES);
    enforce(target, { source: rule, queue }, STACK_RULES);

    const deadLetterQueue = props.deadLetterQueue ?? target._undelivered(false);
    for (const each of [queue, deadLetterQueue]) {
      admit(target, this.source(), {
        queue: each,
        mayRefer: !acrossStacks(each, rule),
      });
    }
    rule.addTarget({
      bind: () => ({
        arn: queue.queueArn,
        input: props.input,
        deadLetterConfig: { arn: deadLetterQueue.queueArn },
        retryPolicy: {
          maximumEventAgeInSeconds: props.maxEventAge?.toSeconds() ?? MAX_EVENT_AGE,
          maximumRetryAttempts: props.retryAttempts ?? MAX_RETRIES,
        },
        sqsParameters: props.messageGroupId === undefined ? undefined : { messageGroupId: props.messageGroupId },
      }),
    });
  }

  private source(): DeliverySource {
    const { rule: resource } = this;
    const { name, eventBusName } = resource.node.defaultChild as CfnRule;
    return {
      resource,
      service: DeliveringService.EVENTBRIDGE,
      arn: resource.ruleArn,
      knownArn: Token.isUnresolved(eventBusName)
        ? undefined
        : knownArn({ resource, service: 'events' }, name, ruleFolder(resource, eventBusName)),
    };
  }
}

/** Rules of the default event bus come without its name. */
function ruleFolder(rule: EventRule, bus: string | undefined): string {
  const name = bus?.split('/').pop();
  return name === undefined || name === 'default' || Stack.of(rule).resolve(name) === 'default'
    ? 'rule/'
    : `rule/${name}/`;
}
