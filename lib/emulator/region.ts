import { AlarmsForScaling } from './alarms-for-scaling';
import { type Call, parseArn } from './api';
import { AutoScaling, type Fleet } from './autoscaling';
import type { Clock, Random } from './clock';
import { type AlarmNotice, CloudWatch, type Dashboards } from './cloudwatch';
import { LaunchTemplates } from './ec2';
import { type KeyAccessRequest, Kms, type KmsLimits } from './kms';
import { TargetsOfHooks } from './hook-targets';
import { type FunctionRunner, Lambda, type LambdaPorts } from './lambda';
import { MinuteMetrics } from './minute-metrics';
import { QueueEncryption } from './queue-encryption';
import { readQueuePolicy } from './queue-policies';
import { QueuesForLambda } from './queues-for-lambda';
import { type AdversaryOptions, Sqs, type SqsLimits } from './sqs';
import type { QueueStatus } from './status';
import { type Timeline } from './timeline';

/** What may be set of the services, by name. */
export interface RegionTuning {
  /**
   * Limits of SQS that differ from AWS's, by name.
   * @default - AWS's
   */
  readonly sqsLimits?: Partial<SqsLimits>;
  /**
   * Makes standard queues as unpleasant as AWS reserves the right to be (duplicates, reordering, short polls that find
   * nothing), to try consumers on: from the seed, so that it can be repeated.
   * @default - they behave
   */
  readonly sqsAdversary?: AdversaryOptions;
  /**
   * Whether the policies of queues decide who may do what: they deny what they say to callers of the queue's own
   * account, and callers of others may do only what they allow.
   * @default true
   */
  readonly queuePolicies?: boolean;
  /**
   * Limits of KMS that differ from AWS's, by name.
   * @default - AWS's
   */
  readonly kmsLimits?: Partial<KmsLimits>;
  /**
   * Emulated milliseconds from the end of a metric's period until alarms see its data point.
   * @default 60000
   */
  readonly metricDelay?: number;
  /**
   * How many long polls an event source mapping keeps waiting at an idle queue, 1–1,000: each makes 180 empty receives an
   * hour. AWS documents no figure. A mapping with a lower MaximumConcurrency keeps that many; one in provisioned mode
   * keeps its minimum of pollers.
   * @default 5
   */
  readonly idlePollers?: number;
  /**
   * Emulated milliseconds that an instance takes to boot.
   * @default 30000
   */
  readonly bootTime?: number;
  /**
   * Emulated milliseconds that a stopped or hibernated instance of a warm pool takes to start again.
   * @default 10000
   */
  readonly warmStartTime?: number;
  /**
   * How many instances may exist at a time in an account and Region: a whole number of 1 or more. Launches beyond it
   * fail as they do on AWS at the account's vCPU limit, which this stands for.
   * @default 1000
   */
  readonly instanceLimit?: number;
  /**
   * Emulated milliseconds from the end of an instance that vanishes until its group finds out.
   * @default 60000
   */
  readonly healthCheckDelay?: number;
  /**
   * Below which share of its target a target-tracking policy's low alarm goes off: more than 0, at most 1. AWS does not
   * document it; on groups of instances it has been seen at 0.7 and, rarely, 0.9.
   * @default 0.7
   */
  readonly scaleInShare?: number;
  /**
   * Whether a principal may do something with a KMS key, asked for each use and change of one: how a test denies a
   * queue its key. Key policies are kept, and not evaluated.
   * @default - everybody may do everything
   */
  readonly authorizeKey?: (request: KeyAccessRequest) => boolean;
}

/** What a region is built from. */
export interface RegionOptions extends RegionTuning {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly fleet: Fleet;
  readonly functions: FunctionRunner;
  /** Unpacks code that was uploaded. */
  readonly unpack?: LambdaPorts['unpack'];
  readonly discard?: LambdaPorts['discard'];
  /**
   * What comes between SQS and those that poll it from inside.
   * @default - nothing
   */
  readonly polled?: (sqs: Sqs) => Sqs;
  /** The KMS of another account in the same region, if it has begun. */
  readonly kmsElsewhere?: (account: string) => Kms | undefined;
  /** The queues of another account or region, if it has begun. */
  readonly sqsElsewhere?: (account: string, region: string) => Sqs | undefined;
  /** The account's dashboards, if another of its regions has begun. */
  readonly dashboards?: Dashboards;
}

/**
 * The services of one account in one region, and the wires between them: queues feed Lambda's pollers and CloudWatch's
 * metrics, and alarms pull the levers of Auto Scaling. This is the closed loop, in one place.
 */
export class Region {
  public readonly kms: Kms;
  public readonly sqs: Sqs;
  /** SQS as the pollers of Lambda and of modelled workers reach it. */
  public readonly polledSqs: Sqs;
  public readonly lambda: Lambda;
  public readonly cloudWatch: CloudWatch;
  public readonly autoScaling: AutoScaling;
  public readonly launchTemplates: LaunchTemplates;
  private readonly metrics: MinuteMetrics;

  constructor(private readonly options: RegionOptions) {
    const { clock, timeline, account, region, metricDelay } = options;
    const ports = (service: string) => ({ clock, timeline, account, region, random: options.random.fork(service) });
    this.kms = new Kms({
      ...ports('kms'),
      limits: options.kmsLimits,
      authorize: options.authorizeKey,
      elsewhere: options.kmsElsewhere,
    });
    this.sqs = new Sqs({
      ...ports('sqs'),
      limits: options.sqsLimits,
      adversary: options.sqsAdversary,
      encryption: new QueueEncryption(this.kms, account, region),
      neighbour: options.sqsElsewhere,
      ...(options.queuePolicies !== false && { authorize: readQueuePolicy }),
    });
    this.polledSqs = options.polled?.(this.sqs) ?? this.sqs;
    this.lambda = new Lambda({
      ...ports('lambda'),
      runner: options.functions,
      unpack: options.unpack,
      discard: options.discard,
      queues: new QueuesForLambda(this.polledSqs, account, region),
      ...(options.idlePollers !== undefined && { limits: { idlePollers: options.idlePollers } }),
    });
    this.launchTemplates = new LaunchTemplates(ports('ec2'));
    this.autoScaling = new AutoScaling({
      ...ports('autoscaling'),
      fleet: options.fleet,
      launchTemplate: (idOrName, version) => this.launchTemplates.describe(idOrName, version),
      alarms: new AlarmsForScaling(() => this.cloudWatch, account, region),
      hookTargets: new TargetsOfHooks(this.sqs, this.lambda, account, region),
      limits: options,
    });
    this.cloudWatch = new CloudWatch({
      ...ports('cloudwatch'),
      ...(metricDelay !== undefined && { metricDelay }),
      dashboards: options.dashboards,
      invokeAction: (actionArn, notice) => this.invokeAction(actionArn, notice),
    });
    this.metrics = new MinuteMetrics(clock, this);
  }

  /** The caller that acts on CloudFormation's behalf. */
  public cloudFormation(endpoint: string): Call {
    const { account, region } = this.options;
    return { account, region, endpoint, principal: `arn:aws:sts::${account}:assumed-role/cloudformation/deploy` };
  }

  /** The queues and what they hold. */
  public queues(): Omit<QueueStatus, 'label'>[] {
    const names = this.sqs.queueNames();
    const redriven = new Set(names.map((name) => this.deadLetterQueueOf(name)));
    return names.flatMap((name) => {
      const counts = this.sqs.counts(name);
      return counts === undefined ? [] : [{ name, ...counts, deadLetterQueue: redriven.has(name) }];
    });
  }

  /** Ends what goes on by itself: metrics, pollers, alarms. */
  public async stop(): Promise<void> {
    this.metrics.stop();
    await this.lambda.stop();
  }

  /** Answers the receives that wait, as SQS does when their queue is deleted. */
  public endWaiting(): void {
    this.sqs.close();
  }

  private deadLetterQueueOf(name: string): string | undefined {
    const target = this.sqs.traits(name)?.deadLetterTargetArn;
    return target === undefined ? undefined : parseArn(target)?.resource;
  }

  /** What an alarm has done by a service that is not here is only in its history and in the timeline. */
  private invokeAction(actionArn: string, notice: AlarmNotice): void {
    if (actionArn.includes(':scalingPolicy:')) return this.autoScaling.alarmed(actionArn, notice);
    if (parseArn(actionArn)?.service !== 'lambda') return;
    const { account, region } = this.options;
    const call = { account, region, endpoint: '', principal: 'lambda.alarms.cloudwatch.amazonaws.com' };
    // Refuses, before anything is promised, where there is no such function.
    this.lambda.getFunctionConfiguration({ FunctionName: actionArn }, call);
    const Payload = Buffer.from(JSON.stringify(notice.event()));
    void this.lambda.invoke({ FunctionName: actionArn, InvocationType: 'Event', Payload }, call);
  }
}
