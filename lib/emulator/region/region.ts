import type { ServiceOptions, Services } from '../services';
import { HTTP_SENDER } from '../services/sns';
import { LoopbackSender } from '../server';
import { FLEET, WORKER_CONTROL, type WorkerControl, type WorkerModel } from '../services/autoscaling';
import {
  CODE_ARCHIVES,
  FUNCTION_COMMANDS,
  FUNCTION_CONTROL,
  FUNCTION_RUNNER,
  type FunctionModel,
} from '../services/lambda';
import type { Duplex } from 'node:stream';
import type { RequestGuard } from '../core/policy';
import { AwsError, type DeliveryLog, type Interceptor, type Port, type RequestContext } from '../core';
import { type Clock, ClockScope, type Random, SystemClock } from '../clock';
import {
  type CompletedAction,
  createProcessRunner,
  createSandboxRunner,
  type EnvironmentRunner,
  InProcessFleet,
  type LogLine,
  ModelledFleet,
  ProcessFleet,
} from '../compute';
import { RegionServices, type RegionServicesOptions } from './region-services';
import { RegionComputeHost } from './compute-host';

import { OBJECT_FILES } from '../services/s3';
import { type SessionIssuer, SESSIONS } from '../services/sts';
import { type DeploymentContext, DeployedStacks } from '../cloudformation';
import type { Timeline } from '../timeline';

/** Options of a {@link Region}. */
export interface RegionOptions {
  /** The user's settings of the services. */
  readonly options: ServiceOptions;
  readonly interceptors: readonly Interceptor[];
  /** Where the outcomes of deliveries between services are recorded. */
  readonly deliveries: DeliveryLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly compute: 'processes' | 'in-process';
  readonly unresponsiveAfter?: number;
  readonly endpointUrl: () => string;
  /** The URL of the proxy for programs that do not run on Node.js; undefined if there is none. */
  readonly proxyUrl: () => string | undefined;
  readonly guard: RequestGuard;
  /** Opens an in-memory connection to the emulator's endpoint. */
  readonly connect: () => Duplex;
  readonly log: (line: LogLine) => void;
  readonly unpack: (functionName: string, archive: Uint8Array) => string;
  readonly merge: (folders: readonly string[]) => string;
  readonly discard: (codeDirectory: string) => void;
  /** The folder that replaces an asset's, or the same. */
  readonly currentCode: (folder: string) => string;
  /** Shell commands that run in place of functions' code. */
  readonly commands: Readonly<Record<string, string>>;
  readonly elsewhere: RegionServicesOptions['elsewhere'];
  readonly othersOfAccount: RegionServicesOptions['othersOfAccount'];
  readonly everywhere: RegionServicesOptions['everywhere'];
  /** Returns the path of a new file for an object that is too long for memory. */
  readonly objectFile: () => string;
  readonly sessions: SessionIssuer;
}

/** A Region's services, with the compute that runs its handlers and workers. */
export class Region {
  public readonly account: string;
  public readonly region: string;
  public readonly regionServices: RegionServices;
  public readonly stacks = new DeployedStacks();
  private readonly computeHost: RegionComputeHost;
  private readonly scope: ClockScope;
  private readonly fleet: ModelledFleet;
  private readonly workers: ProcessFleet | InProcessFleet;
  private readonly functions: EnvironmentRunner;

  constructor(options: RegionOptions) {
    const { clock, random, account, region, compute, endpointUrl, proxyUrl, connect, log, sessions, guard } = options;
    this.account = account;
    this.region = region;
    this.computeHost = new RegionComputeHost({
      clock,
      random,
      account,
      region,
      ports: compute === 'processes',
      endpointUrl,
      proxyUrl,
      guard,
      connect,
      instance: (instanceId) => this.services.autoscaling.instance(instanceId),
      log,
      store: ({ logGroup, logStream, at, message }) => this.services.logs.write(logGroup, logStream, at, message),
      sessions,
      roleOf: (profile) => this.services.iam.roleOf(profile),
    });
    const { computeHost } = this;
    const asset: DeploymentContext['asset'] = (bucket, key) => {
      const folder = this.services.s3.asset(bucket, key);
      return folder && options.currentCode(folder);
    };
    const completeAction = (instanceId: string, action: CompletedAction) => this.completeAction(instanceId, action);
    let unmodelled: ProcessFleet | InProcessFleet;
    if (compute === 'in-process') {
      unmodelled = new InProcessFleet({ clock, random, computeHost, asset, completeAction });
      this.functions = createSandboxRunner({
        clock,
        random,
        computeHost,
        unresponsiveAfter: options.unresponsiveAfter,
      });
    } else {
      if (!(clock instanceof SystemClock)) {
        throw new TypeError("compute 'processes' runs in real time and needs a SystemClock");
      }
      unmodelled = new ProcessFleet({ clock, computeHost, asset, completeAction });
      this.functions = createProcessRunner({ clock, random, computeHost });
    }
    this.workers = unmodelled;
    this.scope = new ClockScope(clock);
    this.fleet = new ModelledFleet({
      clock,
      random,
      computeHost,
      services: () => ({ sqs: this.api.sqs, autoScaling: this.api.autoscaling }),
      roleOf: (instanceId) => computeHost.roleOf(instanceId),
      unmodelled,
    });
    this.regionServices = new RegionServices({
      ...options,
      clock: this.scope,
      ports: new Map<Port<unknown>, unknown>([
        [FLEET, this.fleet],
        [FUNCTION_RUNNER, this.functions],
        [FUNCTION_COMMANDS, options.commands],
        [FUNCTION_CONTROL, this.functions],
        [WORKER_CONTROL, this.workerControl()],
        [CODE_ARCHIVES, { unpack: options.unpack, merge: options.merge, discard: options.discard }],
        [HTTP_SENDER, new LoopbackSender(clock)],
        [SESSIONS, sessions],
        [OBJECT_FILES, { create: options.objectFile }],
      ]),
    });
  }

  /** The services themselves, for views and direct access by tests. */
  public get services(): Services {
    return this.regionServices.services;
  }

  /** The services as callers reach them. */
  public get api(): Services {
    return this.regionServices.api;
  }

  /** The request context of CloudFormation's own calls. */
  public cloudFormation(endpoint: string): RequestContext {
    const { account, region } = this;
    return { account, region, endpoint, principal: `arn:aws:sts::${account}:assumed-role/cloudformation/deploy` };
  }

  /** Kills an instance's processes. Returns whether the instance is here. */
  public crashInstance(instanceId: string): boolean {
    if (this.services.autoscaling.instance(instanceId) === undefined) return false;
    this.fleet.crash(instanceId);
    return true;
  }

  /** Ends the execution environments that are running a function. Returns how many. */
  public crashFunction(functionName: string): Promise<number> {
    return this.functions.crash(functionName);
  }

  /** Replaces future invocations of a function with a model. */
  public modelFunction(functionName: string, model: FunctionModel): void {
    this.functions.model(functionName, model);
  }

  /**
   * Makes future instances of a group run a modelled worker.
   * @throws RangeError if its queue is not here
   */
  public modelGroup(groupName: string, model: WorkerModel): void {
    const queues = this.services.sqs.queueNames();
    if (!queues.includes(model.queue)) {
      const there = queues.length === 0 ? 'no queues' : queues.join(', ');
      throw new RangeError(
        `queue must be a queue in the account and Region of the group ${groupName}, but was ${model.queue}; available queues: ${there}`,
      );
    }
    this.fleet.model(groupName, model);
  }

  /** Has functions and workers that run from a folder run from another one. Returns how many there are. */
  public async moveCode(from: string, to: string): Promise<number> {
    const [functions, workers] = await Promise.all([
      this.services.lambda.moveCode(from, to),
      this.workers.reload(from),
    ]);
    return functions + workers;
  }

  /** Stops all that runs. */
  public async stop(): Promise<void> {
    await this.regionServices.stop();
    await Promise.all([this.fleet.stop(), this.functions.dispose()]);
    await this.computeHost.close();
  }

  /** Stops the Region and ends everything that still waits for it. */
  public async drop(): Promise<void> {
    await this.stop();
    this.regionServices.endWaiting();
    this.scope.end();
  }

  private workerControl(): WorkerControl {
    return {
      model: (groupName, model) => this.modelGroup(groupName, model),
      crash: (instanceId) => this.crashInstance(instanceId),
    };
  }

  /**
   * Completes a lifecycle action. Returns what is wrong, if anything: a restarted worker may repeat a completed action.
   */
  private completeAction(instanceId: string, { groupName, hookName, result }: CompletedAction): string | undefined {
    const { autoscaling } = this.services;
    if (!autoscaling.instance(instanceId)?.lifecycleState.endsWith('Pending:Wait')) return undefined;
    const input = {
      AutoScalingGroupName: groupName,
      LifecycleHookName: hookName,
      LifecycleActionResult: result,
      InstanceId: instanceId,
    };
    try {
      autoscaling.completeLifecycleAction(input, this.cloudFormation(''));
      return undefined;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return error.message;
    }
  }
}
