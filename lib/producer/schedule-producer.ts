import { type IPrincipal, type IGrantable, type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type ISchedule,
  type IScheduleGroup,
  Schedule,
  type ScheduleExpression,
  type ScheduleTargetInput,
  type TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type MessageQueue } from '../queue/message-queue';
import { ENCRYPT_ACTIONS } from '../queue/delivering-service';
import { factsOf } from '../queue/queue-facts';
import { differs } from '../queue/queue-rules';
import {
  checkProps,
  computed,
  duration,
  enforce,
  FLAG,
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
import { GROUP_RULES } from './group-rules';
import { STACK_RULES } from './stack-rules';
import { type IQueueProducer } from '../queue/queue-producer';

const MIN_EVENT_AGE = 60;
const MAX_EVENT_AGE = 86_400;
const MAX_RETRIES = 185;

const DEFAULTS = { maxEventAge: Duration.seconds(MAX_EVENT_AGE), retryAttempts: MAX_RETRIES };

/** Properties of a ScheduleProducer. */
export interface ScheduleProducerProps {
  /** When to send: once, at a rate, or by a cron expression in a time zone. */
  readonly schedule: ScheduleExpression;

  /**
   * What is sent.
   *
   * @default - a JSON object that tells of the schedule
   */
  readonly input?: ScheduleTargetInput;

  /**
   * The message group of all messages, 1 to 128 letters, digits and punctuation. A FIFO queue needs one, and
   * content-based deduplication; a standard queue takes none from schedules.
   *
   * @default - none
   */
  readonly messageGroupId?: string;

  /**
   * Where EventBridge Scheduler puts what it could not send: a standard queue of the schedule's Region, also with a FIFO
   * queue.
   *
   * @default - the queue's `undeliveredQueue`
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * For how long it tries to send, 1 minute to 24 hours.
   *
   * @default Duration.hours(24)
   */
  readonly maxEventAge?: Duration;

  /**
   * How often it tries again, 0 to 185 times.
   *
   * @default 185
   */
  readonly retryAttempts?: number;

  /**
   * The group of the schedule.
   *
   * @default - the account's default group
   */
  readonly scheduleGroup?: IScheduleGroup;

  /**
   * Within which time from the appointed one it may send.
   *
   * @default TimeWindow.off()
   */
  readonly timeWindow?: TimeWindow;

  /**
   * What the schedule is for.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether it sends at all.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

const PROPS: Shape<ScheduleProducerProps> = {
  schedule: required(
    like(
      'a ScheduleExpression of aws-scheduler, such as ScheduleExpression.rate(Duration.hours(1))',
      'expressionString',
      'timeZone',
    ),
  ),
  input: like("a ScheduleTargetInput, such as ScheduleTargetInput.fromText('hello')", 'bind'),
  messageGroupId: TEXT,
  deadLetterQueue: QUEUE,
  maxEventAge: computed(duration('Duration.minutes(60)')),
  retryAttempts: computed(NUMBER),
  scheduleGroup: like('a schedule group (IScheduleGroup)', 'scheduleGroupName'),
  timeWindow: like('a TimeWindow, such as TimeWindow.flexible(Duration.minutes(5))', 'mode'),
  description: TEXT,
  enabled: FLAG,
};

interface Facts extends ScheduleProducerProps {
  readonly queue: IQueue;
  readonly stack: Stack;
  readonly bound?: IQueue;
}

const RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-ScheduleProducer-QueueAlreadyBound',
    broken: ({ bound }) => bound !== undefined,
    message: ({ bound }) =>
      `queue must be the only one of this producer, but was a second one; a schedule has one target, and sends to ${bound?.node.path} already`,
  },
  {
    id: 'Spillway-ScheduleProducer-EventAgeOutOfRange',
    broken: ({ maxEventAge }) => isOutside(knownSeconds(maxEventAge), MIN_EVENT_AGE, MAX_EVENT_AGE),
    message: ({ maxEventAge }) =>
      `maxEventAge must be between 1 minute and 24 hours, in whole seconds, but was ${maxEventAge?.toHumanString()}; EventBridge Scheduler refuses others`,
  },
  {
    id: 'Spillway-ScheduleProducer-RetriesOutOfRange',
    broken: ({ retryAttempts }) => isOutside(known(retryAttempts), 0, MAX_RETRIES),
    message: ({ retryAttempts }) =>
      `retryAttempts must be a whole number between 0 and 185, but was ${retryAttempts}; EventBridge Scheduler refuses others`,
  },
  {
    id: 'Spillway-ScheduleProducer-MessageGroupOfStandardQueue',
    broken: ({ queue, messageGroupId }) => messageGroupId !== undefined && factsOf(queue).fifo === false,
    message: ({ queue, messageGroupId }) =>
      `messageGroupId must not be given for the standard queue ${queue.node.path}, but was '${messageGroupId}'; schedules have it for FIFO queues only`,
  },
  {
    id: 'Spillway-Delivery-FifoUnsupported',
    broken: ({ deadLetterQueue }) => deadLetterQueue !== undefined && factsOf(deadLetterQueue).fifo === true,
    message: ({ deadLetterQueue }) =>
      `deadLetterQueue ${TEXTS['Spillway-Delivery-FifoUnsupported']({ queue: deadLetterQueue?.node.path, service: 'EventBridge Scheduler', purpose: 'dead letters' })}`,
  },
  {
    id: 'Spillway-Delivery-OtherRegion',
    broken: ({ stack, deadLetterQueue }) =>
      deadLetterQueue !== undefined && differs(stack.region, deadLetterQueue.env.region),
    message: ({ stack, deadLetterQueue }) =>
      `deadLetterQueue ${TEXTS['Spillway-Delivery-OtherRegion']({ queue: deadLetterQueue?.node.path, service: 'EventBridge Scheduler', purpose: 'dead letters', got: deadLetterQueue?.env.region, wanted: stack.region })}`,
  },
];

/**
 * Sends a message to a queue at appointed times, with a role that may do nothing else, and that EventBridge Scheduler
 * can assume for schedules of this group and account only.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
 * @example
 * jobs.addProducer(new ScheduleProducer(this, 'Nightly', { schedule: ScheduleExpression.cron({ hour: '3', minute: '0' }) }));
 */
export class ScheduleProducer extends Construct implements IQueueProducer, IGrantable {
  /** What the schedule may do. */
  public readonly role: IRole;

  /** The principal that grants go to: the role. */
  public readonly grantPrincipal: IPrincipal;

  private readonly props: ScheduleProducerProps & typeof DEFAULTS;
  private queue?: IQueue;
  private boundSchedule?: ISchedule;

  constructor(scope: Construct, id: string, props: ScheduleProducerProps) {
    super(scope, id);
    checkProps(this, 'ScheduleProducer', props, PROPS);
    this.props = withDefaults(props);
    const stack = Stack.of(this);
    this.role = new Role(this, 'Role', {
      description: `What the schedule ${this.node.path} may do`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnEquals: {
            'aws:SourceArn':
              props.scheduleGroup?.scheduleGroupArn ??
              stack.formatArn({ service: 'scheduler', resource: 'schedule-group', resourceName: 'default' }),
          },
        },
      }),
    });
    this.grantPrincipal = this.role;
    this.node.addValidation({
      validate: () => (this.queue === undefined ? ['sends to no queue: pass it to addProducer of one'] : []),
    });
  }

  /** The schedule; undefined until a queue has this producer. */
  public get schedule(): ISchedule | undefined {
    return this.boundSchedule;
  }

  /** Creates the schedule, in this construct's stack, which so depends on the queue's if that is another. */
  public bind(target: MessageQueue): void {
    const { props, role } = this;
    const { queue } = target;
    enforce(this, { ...props, queue, stack: Stack.of(this), bound: this.queue }, RULES);
    enforce(this, { ...props, sender: 'EventBridge Scheduler', queue, ...factsOf(queue) }, GROUP_RULES);
    enforce(this, { source: role, queue }, STACK_RULES);
    this.queue = queue;

    const deadLetterQueue = props.deadLetterQueue ?? target._undelivered(false);
    const grants = [queue, deadLetterQueue].flatMap((each) => [
      each.grant(role, 'sqs:SendMessage'),
      each.encryptionMasterKey?.grant(role, ...ENCRYPT_ACTIONS),
    ]);
    const schedule = new Schedule(this, 'Schedule', {
      schedule: props.schedule,
      scheduleGroup: props.scheduleGroup,
      timeWindow: props.timeWindow,
      description: props.description,
      enabled: props.enabled,
      target: {
        bind: () => ({
          arn: queue.queueArn,
          role,
          input: props.input,
          deadLetterConfig: { arn: deadLetterQueue.queueArn },
          retryPolicy: {
            maximumEventAgeInSeconds: props.maxEventAge.toSeconds(),
            maximumRetryAttempts: props.retryAttempts,
          },
          sqsParameters: props.messageGroupId === undefined ? undefined : { messageGroupId: props.messageGroupId },
        }),
      },
    });
    for (const grant of grants) grant?.applyBefore(schedule);
    this.boundSchedule = schedule;
  }
}

function withDefaults(props: ScheduleProducerProps): ScheduleProducerProps & typeof DEFAULTS {
  const { maxEventAge = DEFAULTS.maxEventAge, retryAttempts = DEFAULTS.retryAttempts } = props;
  return { ...props, maxEventAge, retryAttempts };
}
