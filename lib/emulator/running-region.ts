import type { Duplex } from 'node:stream';
import type { RequestGuard } from './access';
import { AwsError } from './api';
import { type Clock, ClockScope, type Random, SystemClock } from './clock';
import {
  type CompletedAction,
  createProcessRunner,
  createSandboxRunner,
  type EnvironmentRunner,
  type FunctionModel,
  InProcessFleet,
  type LogLine,
  ModelledFleet,
  ProcessFleet,
  type WorkerModel,
} from './compute';
import type { RequestFaults } from './request-faults';
import { Region, type RegionOptions, type RegionTuning } from './region';
import { RegionSurroundings } from './region-surroundings';

import type { SessionIssuer } from './sts';
import { type Cloud, DeployedStacks } from './template';
import type { Timeline } from './timeline';

/** The services of a region that faults may come before, and what their requests are signed for. */
const SIGNED_AS = {
  sqs: 'sqs',
  lambda: 'lambda',
  cloudWatch: 'monitoring',
  autoScaling: 'autoscaling',
  kms: 'kms',
} as const;
/** What the emulator's own pollers ask of SQS, and may find it failing at. */
const POLLED = ['receiveMessage', 'deleteMessageBatch', 'changeMessageVisibilityBatch'] as const;

/** What a {@link RunningRegion} is made of. */
export interface RunningRegionOptions extends RegionTuning {
  readonly faults: RequestFaults;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly compute: 'processes' | 'in-process';
  readonly unresponsiveAfter?: number;
  readonly endpointUrl: () => string;
  /** The URL of the proxy for programs that are not for Node.js; undefined if there is none. */
  readonly proxyUrl: () => string | undefined;
  readonly guard: RequestGuard;
  /** A connection in memory to the emulator's endpoint. */
  readonly connect: () => Duplex;
  readonly log: (line: LogLine) => void;
  readonly kmsElsewhere: RegionOptions['kmsElsewhere'];
  readonly sqsElsewhere: RegionOptions['sqsElsewhere'];
  readonly unpack: RegionOptions['unpack'];
  readonly discard: RegionOptions['discard'];
  readonly dashboards: RegionOptions['dashboards'];
  readonly sessions: SessionIssuer;
}

/** A region's services, and what runs its handlers and workers. */
export class RunningRegion {
  public readonly account: string;
  public readonly region: string;
  public readonly services: Region;
  public readonly stacks = new DeployedStacks();
  /** The role of each instance profile, both by name. */
  public readonly instanceProfiles = new Map<string, string>();
  /** The Parameter Store, by name. */
  public readonly ssmParameters = new Map<string, string>();
  private readonly assets: Cloud['asset'][] = [];
  private readonly surroundings: RegionSurroundings;
  private readonly scope: ClockScope;
  private readonly faults: RequestFaults;
  private readonly faultyServices = new Map<string, object>();
  private readonly fleet: ModelledFleet;
  private readonly functions: EnvironmentRunner;

  constructor(options: RunningRegionOptions) {
    const { clock, random, account, region, compute, endpointUrl, proxyUrl, connect, log, sessions, guard } = options;
    this.account = account;
    this.region = region;
    this.faults = options.faults;
    this.surroundings = new RegionSurroundings({
      clock,
      random,
      account,
      region,
      ports: compute === 'processes',
      endpointUrl,
      proxyUrl,
      guard,
      connect,
      instance: (instanceId) => this.services.autoScaling.instance(instanceId),
      log,
      sessions,
      roleOf: (profile) => this.instanceProfiles.get(profile),
    });
    const { surroundings } = this;
    const asset: Cloud['asset'] = (bucket, key) => this.asset(bucket, key);
    const completeAction = (instanceId: string, action: CompletedAction) => this.completeAction(instanceId, action);
    let unmodelled: ProcessFleet | InProcessFleet;
    if (compute === 'in-process') {
      unmodelled = new InProcessFleet({ clock, random, surroundings, asset, completeAction });
      this.functions = createSandboxRunner({
        clock,
        random,
        surroundings,
        unresponsiveAfter: options.unresponsiveAfter,
      });
    } else {
      if (!(clock instanceof SystemClock)) {
        throw new TypeError("compute 'processes' runs in the machine's time: it needs a SystemClock");
      }
      unmodelled = new ProcessFleet({ clock, surroundings, asset, completeAction });
      this.functions = createProcessRunner({ clock, random, surroundings });
    }
    this.scope = new ClockScope(clock);
    this.fleet = new ModelledFleet({
      clock,
      random,
      surroundings,
      services: () => ({ ...this.services, sqs: this.services.polledSqs }),
      roleOf: (instanceId) => surroundings.roleOf(instanceId),
      unmodelled,
    });
    this.services = new Region({
      ...options,
      clock: this.scope,
      fleet: this.fleet,
      functions: this.functions,
      polled: (sqs) => this.faults.between('sqs', sqs, POLLED),
    });
  }

  /** The assets of another assembly are deployed here; those of former ones stay, as something may run of them still. */
  public addAssets(asset: Cloud['asset']): void {
    if (!this.assets.includes(asset)) this.assets.unshift(asset); // an assembly may have many stacks here
  }

  /** A service as its callers reach it: with the faults in between. */
  public faulty<K extends keyof typeof SIGNED_AS>(service: K): Region[K] {
    const { services, faults } = this;
    if (!faults.any) return services[service];
    let faulty = this.faultyServices.get(service);
    if (faulty === undefined) {
      faulty = faults.between(SIGNED_AS[service], services[service]);
      this.faultyServices.set(service, faulty);
    }
    return faulty as Region[K];
  }

  /** Kills an instance's processes. Gives whether the instance is here. */
  public crashInstance(instanceId: string): boolean {
    if (this.services.autoScaling.instance(instanceId) === undefined) return false;
    this.fleet.crash(instanceId);
    return true;
  }

  /** Ends the environments in which a function runs now. Gives how many. */
  public crashFunction(functionName: string): Promise<number> {
    return this.functions.crash(functionName);
  }

  /** Replaces the function's further invocations with a model. */
  public modelFunction(functionName: string, model: FunctionModel): void {
    this.functions.model(functionName, model);
  }

  /**
   * Has a group's further instances run a modelled worker.
   * @throws RangeError where its queue is not here
   */
  public modelGroup(groupName: string, model: WorkerModel): void {
    const queues = this.services.sqs.queueNames();
    if (!queues.includes(model.queue)) {
      const there = queues.length === 0 ? 'no queues' : queues.join(', ');
      throw new RangeError(
        `queue: there is no queue ${model.queue} where the group ${groupName} is: there are ${there}`,
      );
    }
    this.fleet.model(groupName, model);
  }

  /** Ends all that runs. */
  public async stop(): Promise<void> {
    await this.services.stop();
    await Promise.all([this.fleet.stop(), this.functions.dispose()]);
    await this.surroundings.close();
  }

  /** Stops it, and ends all that still waits for something in it. */
  public async drop(): Promise<void> {
    await this.stop();
    this.services.endWaiting();
    this.scope.end();
  }

  /** Gives what is wrong, if it is. A service that is started again completes what has been completed before. */
  private completeAction(instanceId: string, { groupName, hookName, result }: CompletedAction): string | undefined {
    const { autoScaling } = this.services;
    if (!autoScaling.instance(instanceId)?.lifecycleState.endsWith('Pending:Wait')) return undefined;
    const input = {
      AutoScalingGroupName: groupName,
      LifecycleHookName: hookName,
      LifecycleActionResult: result,
      InstanceId: instanceId,
    };
    try {
      autoScaling.completeLifecycleAction(input, this.services.cloudFormation(''));
      return undefined;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return error.message;
    }
  }

  private asset(bucket: string, key: string): string | undefined {
    for (const find of this.assets) {
      const found = find(bucket, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
