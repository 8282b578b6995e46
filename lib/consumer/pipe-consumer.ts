import { type IGrantable, type IPrincipal, type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type IQueueConsumer, type QueueConsumerConfig } from '../queue/queue-consumer';
import {
  checkProps,
  computed,
  duration,
  enforce,
  FLAG,
  knownSeconds,
  like,
  NUMBER,
  oneOf,
  required,
  type Shape,
  TEXT,
} from '../rules';
import { FILTERS } from './consumer-types';
import { type PipeConsumerProps, PipeLogLevel } from './pipe-consumer-props';
import { PIPE_QUEUE_RULES, PIPE_RULES } from './pipe-consumer-rules';
import { allowStep, MAX_EXECUTION_SECONDS, type PipeStep } from './pipe-step';

const DEFAULT_BATCH_SIZE = 10;
/** As AWS recommends. */
const VISIBILITY_FACTOR = 6;
const RECEIVE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

const PROPS: Shape<PipeConsumerProps> = {
  target: required(like('a PipeTarget, such as PipeTarget.stateMachine(machine)', '_step', '_parameters')),
  filters: FILTERS,
  enrichment: like('a PipeEnrichment, such as PipeEnrichment.lambdaFunction(handler)', '_step', '_parameters'),
  enrichmentInputTemplate: TEXT,
  inputTemplate: TEXT,
  batchSize: NUMBER,
  maxBatchingWindow: duration(),
  processingTime: computed(duration()),
  pipeName: TEXT,
  description: TEXT,
  logLevel: oneOf('PipeLogLevel', PipeLogLevel),
  logGroup: like('a log group (ILogGroup)', 'logGroupArn', 'logGroupName'),
  enabled: FLAG,
};

/**
 * Has EventBridge Pipes send a queue's messages on, without a function in between: to a state machine, a function, an
 * event bus, a topic, a stream or a host outside AWS, filtered and enriched on the way. A message is deleted once its
 * target has it; one that fails comes back, and after `maxReceiveCount` receives is in the dead-letter queue.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html
 * @example
 * jobs.addConsumer(new PipeConsumer(this, 'ToWorkflow', { target: PipeTarget.stateMachine(workflow) }));
 */
export class PipeConsumer extends Construct implements IQueueConsumer, IGrantable {
  /** What the pipe may do: receive from this queue, and call its enrichment and target. */
  public readonly role: IRole;

  /** The principal that grants go to: the role. */
  public readonly grantPrincipal: IPrincipal;

  /** Where the pipe logs; undefined with `PipeLogLevel.OFF`. */
  public readonly logGroup?: ILogGroup;

  private readonly props: PipeConsumerProps;
  private readonly steps: readonly PipeStep[];
  private queue?: IQueue;
  private pipe?: CfnPipe;

  constructor(scope: Construct, id: string, props: PipeConsumerProps) {
    super(scope, id);
    checkProps(this, 'PipeConsumer', props, PROPS);
    const { target, enrichment, logLevel = PipeLogLevel.ERROR } = props;
    this.props = props;
    this.steps = enrichment === undefined ? [target._step] : [enrichment._step, target._step];
    enforce(this, { ...props, steps: this.steps }, PIPE_RULES);
    this.role = this.createRole();
    this.grantPrincipal = this.role;
    if (logLevel !== PipeLogLevel.OFF) {
      this.logGroup =
        props.logGroup ??
        new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
      this.logGroup.grantWrite(this.role);
    }
    this.node.addValidation({
      validate: () => (this.queue === undefined ? ['consumes no queue: pass it to addConsumer of one'] : []),
    });
  }

  /** The pipe's name; undefined until a queue has this consumer. */
  public get pipeName(): string | undefined {
    return this.pipe?.ref;
  }

  /** The pipe's ARN; undefined until a queue has this consumer. */
  public get pipeArn(): string | undefined {
    return this.pipe?.attrArn;
  }

  /** Creates the pipe, and lets its role receive from the queue. */
  public bind(_scope: Construct, queue: IQueue): QueueConsumerConfig {
    const { role, steps } = this;
    const largest = Math.min(...steps.map(({ largestBatch }) => largestBatch));
    const batchSize = this.props.batchSize ?? Math.min(DEFAULT_BATCH_SIZE, largest);
    const { account, region } = Stack.of(this);
    enforce(this, { queue, bound: this.queue, env: { account, region }, batchSize, steps }, PIPE_QUEUE_RULES);
    this.queue = queue;
    queue.grant(role, ...RECEIVE);
    queue.encryptionMasterKey?.grant(role, 'kms:Decrypt');
    this.pipe = this.createPipe(queue, batchSize);
    this.pipe.node.addDependency(role); // Pipes tries the permissions when it is created
    return this.visibility();
  }

  private createRole(): Role {
    const stack = Stack.of(this);
    const resourceName = this.props.pipeName ?? '*'; // its name is made after its role
    const role = new Role(this, 'Role', {
      description: `What the pipe ${this.node.path} may do`,
      assumedBy: new ServicePrincipal('pipes.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'pipes', resource: 'pipe', resourceName }) },
        },
      }),
    });
    for (const step of this.steps) allowStep(role, step);
    return role;
  }

  private createPipe(queue: IQueue, batchSize: number): CfnPipe {
    const { target, enrichment, filters, maxBatchingWindow, logLevel, enabled } = this.props;
    const { inputTemplate, enrichmentInputTemplate } = this.props;
    return new CfnPipe(this, 'Pipe', {
      name: this.props.pipeName,
      description: this.props.description,
      roleArn: this.role.roleArn,
      source: queue.queueArn,
      sourceParameters: {
        sqsQueueParameters: { batchSize, maximumBatchingWindowInSeconds: maxBatchingWindow?.toSeconds() },
        filterCriteria: filters && { filters: filters.map((filter) => ({ pattern: filter._patternOf('body') })) },
      },
      enrichment: enrichment?._step.arn,
      enrichmentParameters: enrichment && { ...enrichment._parameters, inputTemplate: enrichmentInputTemplate },
      target: target._step.arn,
      targetParameters: { ...target._parameters, inputTemplate },
      desiredState: enabled === false ? 'STOPPED' : 'RUNNING',
      logConfiguration: this.logGroup && {
        level: logLevel ?? PipeLogLevel.ERROR,
        cloudwatchLogsLogDestination: { logGroupArn: this.logGroup.logGroupArn },
      },
    });
  }

  private visibility(): QueueConsumerConfig {
    const estimate = this.steps.reduce((sum, { seconds }) => sum + seconds, 0);
    const seconds = knownSeconds(this.props.processingTime) ?? Math.min(estimate, MAX_EXECUTION_SECONDS);
    return {
      visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * seconds),
      minimumVisibilityTimeout: Duration.seconds(seconds + 1),
      reason: `a message comes back while the pipe still works on it (up to ${seconds} seconds; see processingTime), and is processed twice`,
    };
  }
}
