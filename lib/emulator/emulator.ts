import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AutoScaling } from './autoscaling';
import { type Clock, Random, SystemClock } from './clock';
import type { FunctionModel, LogLine, WorkerModel } from './compute';
import { ClientRequests } from './client-requests';
import { DirectAccess } from './direct-access';
import { LoadedAssemblies } from './loaded-assemblies';
import type { RegionTuning } from './region';
import { RequestFaults } from './request-faults';
import { RunningRegion } from './running-region';
import { HttpEndpoint } from './server';
import type { AlarmStatus, CloudStatus, GroupStatus, QueueStatus } from './status';
import { SessionIssuer, Sts } from './sts';
import { type Cloud, deploy, DeploymentError, readAssembly, type StackReport, undeploy, unzip } from './template';
import { Timeline, TimelineEcho } from './timeline';
import {
  autoScalingBinding,
  cloudWatchBinding,
  kmsBinding,
  lambdaBinding,
  sqsBinding,
  stsBinding,
  Wire,
  WireRequestHandler,
} from './wire';

/** What an {@link Emulator} may be told. */
export interface EmulatorOptions extends RegionTuning {
  /**
   * The source of time, for this emulator alone: a SystemClock is stopped with it.
   * @default - the machine's time
   */
  readonly clock?: Clock;
  /**
   * What all randomness (ids, names, credentials) grows from: the same seed and the same calls give the same run.
   * @default 1
   */
  readonly seed?: number;
  /**
   * The account of callers whose access key id is not 12 digits, and of stacks that name none.
   * @default '000000000000'
   */
  readonly account?: string;
  /**
   * The region of requests that are not signed, and of stacks that name none.
   * @default 'us-east-1'
   */
  readonly region?: string;
  /**
   * Where handlers and workers run: `processes`, each in a child process that reaches the emulator by its port, so
   * {@link Emulator.listen} comes before {@link Emulator.load}; or `in-process`, their bundles in sandboxes on the
   * emulator's clock, without a port.
   * @default 'in-process'
   */
  readonly compute?: 'processes' | 'in-process';
  /**
   * Whether to refuse a stack that has anything which is not emulated.
   * @default false
   */
  readonly strict?: boolean;
  /**
   * By how many emulated milliseconds a signed request's own date may be off, before and after, until it is refused as
   * RequestExpired. AWS allows 900000. Presigned requests say themselves how long they are good.
   * @default - dates are not looked at: emulated time is seldom the caller's
   */
  readonly clockSkew?: number;
  /**
   * Takes each line that a handler or a worker writes.
   * @default - nobody does
   */
  readonly onLog?: (line: LogLine) => void;
}

/** How EC2 takes an instance back. */
export interface InterruptionOptions {
  /**
   * Emulated milliseconds from its notice until the instance is shut down.
   * @default 120000
   */
  readonly notice?: number;
}

/** What an SDK client needs to talk to the emulator: spread it into the client's configuration. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Hands requests straight to the emulator, without a socket; absent when it listens on a port. */
  readonly requestHandler?: WireRequestHandler;
}

/** A CDK stack, as far as the emulator needs to know one. */
export interface SynthesizableStack {
  readonly stackName: string;
  readonly node: { readonly root: unknown };
}

const IN_PROCESS_ENDPOINT = 'http://127.0.0.1:4566';

/** A local cloud: the services, what runs their consumers, and the ways in. */
export class Emulator {
  /** An emulator that runs the synthesized app in `directory`. */
  public static async fromAssembly(directory: string, options: EmulatorOptions = {}): Promise<Emulator> {
    const emulator = new Emulator(options);
    try {
      if (options.compute === 'processes') await emulator.listen(0);
      await emulator.load(directory);
      return emulator;
    } catch (error) {
      await emulator.stop();
      throw error;
    }
  }

  /** An emulator that runs the CDK app that `stack` belongs to. */
  public static fromStack(stack: SynthesizableStack, options: EmulatorOptions = {}): Promise<Emulator> {
    const { root } = stack.node;
    if (!isStage(root))
      throw new TypeError(`the stack ${stack.stackName} is in no App or Stage, so it cannot be synthesized`);
    return Emulator.fromAssembly(root.synth().directory, options);
  }

  public readonly clock: Clock;
  /** What happens in the cloud, told as it happens. */
  public readonly timeline: Timeline;
  /** What became of each stack that was loaded. */
  public readonly reports: StackReport[] = [];

  /** Faults between callers and services. */
  public readonly faults: RequestFaults;

  private readonly random: Random;
  private readonly account: string;
  private readonly region: string;
  private readonly regions = new Map<string, RunningRegion>();
  private readonly sessions: SessionIssuer;
  private readonly wire: Wire;
  private readonly endpoint: HttpEndpoint;
  private readonly ssmParameters = new Map<string, string>();
  private readonly outputs = new Map<string, string>();
  private readonly scratch: string[] = [];
  private readonly loaded = new LoadedAssemblies();
  /** The load, unload or reset that runs, if one does: each waits for the one before it. */
  private changing: Promise<unknown> = Promise.resolve();
  private readonly clients = new ClientRequests(() => this.clock.stir());
  private readonly unwatch: () => void;
  private listeningAt?: string;

  constructor(private readonly options: EmulatorOptions = {}) {
    this.clock = options.clock ?? new SystemClock();
    this.random = new Random(options.seed ?? 1);
    this.timeline = new Timeline(this.clock);
    this.unwatch = this.clock.watch(new TimelineEcho(this.clock, this.timeline));
    this.account = options.account ?? '000000000000';
    this.region = options.region ?? 'us-east-1';
    const { account, region, clock } = this;
    this.sessions = new SessionIssuer(clock, this.random.fork('sts'));
    this.faults = new RequestFaults({ clock, timeline: this.timeline, random: this.random.fork('faults') });
    const sts = new Sts({ clock, sessions: this.sessions });
    const faultySts = this.faults.between('sts', sts);
    const services = [
      sqsBinding((...place) => this.regionOf(...place).faulty('sqs')),
      lambdaBinding((...place) => this.regionOf(...place).faulty('lambda')),
      cloudWatchBinding((...place) => this.regionOf(...place).faulty('cloudWatch')),
      autoScalingBinding((...place) => this.regionOf(...place).faulty('autoScaling')),
      kmsBinding((...place) => this.regionOf(...place).faulty('kms')),
      stsBinding(() => (this.faults.any ? faultySts : sts)),
    ];
    const random = this.random.fork('wire');
    const { clockSkew } = options;
    this.wire = new Wire({
      services,
      defaultAccount: account,
      defaultRegion: region,
      random,
      identify: (accessKeyId, sessionToken) => this.sessions.holderOf(accessKeyId, sessionToken),
      ...(clockSkew !== undefined && { time: { now: () => clock.now(), tolerance: clockSkew } }),
    });
    this.endpoint = new HttpEndpoint({ wire: this.wire, clock, onReset: () => this.reset() });
  }

  /** Where callers reach the emulator. */
  public get endpointUrl(): string {
    return this.listeningAt ?? IN_PROCESS_ENDPOINT;
  }

  /**
   * Listens on 127.0.0.1. Gives the URL.
   * @param port 0 for any free one
   * @throws PortInUse
   */
  public async listen(port: number): Promise<string> {
    return (this.listeningAt = await this.endpoint.listen(port));
  }

  /**
   * Deploys all stacks of a cloud assembly, in the order of their dependencies. One that is deployed already is updated
   * as CloudFormation would: what did not change goes on undisturbed, messages, alarms' states and instances included. It
   * takes no emulated time.
   *
   * A stack that an assembly no longer has stays, as with `cdk deploy`: {@link unload} deletes one.
   * @throws {DeploymentError} where CloudFormation, or a service, would refuse a stack: that one is then what it was
   */
  public load(directory: string): Promise<StackReport[]> {
    return this.inTurn(() => this.deployAll(directory));
  }

  /**
   * Deletes a stack and what it made, but for what its template says to retain.
   * @throws {DeploymentError} where there is no such stack, or another one uses its exports
   */
  public unload(stackName: string): Promise<void> {
    return this.inTurn(async () => {
      const place = this.reports.findIndex((report) => report.stackName === stackName);
      if (place === -1) {
        const names = this.reports.map((report) => report.stackName).join(', ') || 'none';
        throw new DeploymentError(stackName, '', `there is no such stack; there are: ${names}`);
      }
      const { account, region } = this.reports[place];
      await undeploy(
        stackName,
        this.cloudAt(account, region, () => undefined),
      );
      this.reports.splice(place, 1);
      this.loaded.remove(`${account}/${region}/${stackName}`);
    });
  }

  private async deployAll(directory: string): Promise<StackReport[]> {
    if (this.options.compute === 'processes' && this.listeningAt === undefined) {
      throw new Error('processes reach the emulator by its port: call listen before load');
    }
    const assembly = readAssembly(directory);
    const reports: StackReport[] = [];
    for (const stack of assembly.stacks) {
      const { account = this.account, region = this.region } = stack;
      this.regionOf(account, region).addAssets(assembly.asset);
      const cloud = this.cloudAt(account, region, assembly.asset);
      const report = await deploy(stack, cloud, { strict: this.options.strict });
      const place = this.reports.findIndex((before) => sameStack(before, report));
      if (place === -1) this.reports.push(report);
      else this.reports[place] = report;
      this.loaded.add(directory, `${account}/${region}/${stack.stackName}`);
      reports.push(report);
    }
    return reports;
  }

  /**
   * Drops all state of all accounts and regions, and deploys anew what was loaded. Time goes on, and the port stays. The
   * same as `POST /_spillway/reset`.
   */
  public reset(): Promise<void> {
    return this.inTurn(() => this.startAnew());
  }

  private async startAnew(): Promise<void> {
    const regions = [...this.regions.values()];
    const { directories } = this.loaded;
    this.loaded.clear();
    this.regions.clear();
    this.reports.length = 0;
    this.ssmParameters.clear();
    this.outputs.clear();
    await Promise.all(regions.map((region) => region.drop()));
    this.removeScratch();
    for (const directory of directories) await this.deployAll(directory);
  }

  /**
   * Starts an environment of each function that was loaded, rather than at its first invocation.
   * @throws Error where a function's code cannot be loaded, in one line: AWS would deploy it, and fail each invocation
   */
  public async prepareFunctions(): Promise<void> {
    for (const { services } of this.regions.values()) await services.lambda.prepareFunctions();
  }

  /** The configuration of an SDK client for this emulator. */
  public clientConfig(): ClientConfig {
    return {
      endpoint: this.endpointUrl,
      region: this.region,
      credentials: { accessKeyId: this.account, secretAccessKey: 'local' },
      ...(this.listeningAt === undefined && {
        requestHandler: new WireRequestHandler(this.wire, this.clients),
      }),
    };
  }

  /** The requests of clients without a port that wait for their answer. */
  public get clientRequests(): ClientRequests {
    return this.clients;
  }

  /** The actions of a service, by the name that requests are signed for: `monitoring`; undefined where there is none. */
  public actionsOf(signingName: string): readonly string[] | undefined {
    return this.wire.actionsOf(signingName);
  }

  /** One account in one region, without a client. */
  public direct(account: string, region: string): DirectAccess {
    return new DirectAccess(this.regionOf(account, region).services, account, region, this.endpointUrl);
  }

  /** The state of the cloud at this moment. */
  public status(): CloudStatus {
    const labels = this.labels();
    const queues: QueueStatus[] = [];
    const alarms: AlarmStatus[] = [];
    const groups: GroupStatus[] = [];
    for (const { services } of this.regions.values()) {
      queues.push(...services.queues().map((queue) => ({ ...queue, label: labels.get(queue.name) ?? queue.name })));
      for (const { name, state } of services.cloudWatch.alarms()) {
        alarms.push({ name, label: labels.get(name) ?? name, state });
      }
      for (const group of services.autoScaling.groups())
        groups.push({ ...group, label: labels.get(group.name) ?? group.name });
    }
    return { at: this.clock.now(), queues, alarms, groups };
  }

  /** Kills an instance's processes without warning, as `kill -9` does; its supervisor starts them again. */
  public crashInstance(instanceId: string): void {
    for (const region of this.regions.values()) region.crashInstance(instanceId);
  }

  /**
   * Has an instance of an Auto Scaling group vanish, as when its hardware fails. The group finds out by its next health
   * check, and replaces it.
   * @throws RangeError where there is no such instance
   */
  public killInstance(instanceId: string): void {
    this.toInstance(instanceId, (autoScaling) => autoScaling.killInstance(instanceId));
  }

  /**
   * Has EC2 take an instance back as it does with Spot Instances, whether or not it is one: its metadata tell of it, and
   * after the notice it is shut down.
   * @throws RangeError where there is no such instance, or the notice is none
   */
  public interruptInstance(instanceId: string, options: InterruptionOptions = {}): void {
    const { notice = 120_000 } = options;
    if (!(notice >= 0 && Number.isFinite(notice)))
      throw new RangeError(`notice must be 0 or more milliseconds, got ${notice}`);
    this.toInstance(instanceId, (autoScaling) => autoScaling.interruptInstance(instanceId, notice));
  }

  /**
   * Has EC2 recommend to replace an instance, as it does with Spot Instances that are at risk: its metadata tell of it,
   * and a group with `CapacityRebalance` replaces it.
   * @throws RangeError where there is no such instance
   */
  public recommendRebalance(instanceId: string): void {
    this.toInstance(instanceId, (autoScaling) => autoScaling.recommendRebalance(instanceId));
  }

  /**
   * Ends the execution environments in which a function runs now, as a crash of its code does: their invocations fail
   * with `Runtime.ExitError`. Gives how many they were.
   * @throws RangeError where there is no such function
   */
  public async crashFunction(functionName: string): Promise<number> {
    const crashed = await Promise.all([...this.regions.values()].map((region) => region.crashFunction(functionName)));
    const there = crashed.filter((count) => count !== undefined);
    if (there.length === 0) throw this.unknown('function', functionName);
    return there.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Has a function's further invocations take the time, and do the work, that a model says. In force until
   * {@link reset}, which deploys anew; another model takes its place.
   * @throws RangeError, TypeError where there is no such function, or the model is none
   */
  public modelFunction(functionName: string, model: FunctionModel): void {
    const there = [...this.regions.values()].filter((region) => region.modelFunction(functionName, model));
    if (there.length === 0) throw this.unknown('function', functionName);
  }

  /**
   * Has the instances that an Auto Scaling group launches from now on run a modelled worker in place of their user data:
   * one that polls a queue as a worker should, drains when its instance is terminated, and completes the group's
   * lifecycle hooks. What has been launched before stays as it is; right after {@link load} nothing has, as an instance
   * takes its time to boot. In force until {@link reset}; another model takes its place.
   * @throws RangeError, TypeError where there is no such group or queue, or the model is none
   */
  public modelGroup(groupName: string, model: WorkerModel): void {
    const there = [...this.regions.values()].filter((region) => region.modelGroup(groupName, model));
    if (there.length === 0) throw this.unknown('Auto Scaling group', groupName);
  }

  /** Ends all that runs: pollers, functions, instances, connections. Leaves no process and no file behind. */
  public async stop(): Promise<void> {
    const regions = [...this.regions.values()];
    await Promise.all(regions.map((region) => region.stop()));
    await this.endpoint.close();
    this.unwatch();
    if (this.clock instanceof SystemClock) this.clock.stop();
    this.removeScratch();
  }

  private toInstance(instanceId: string, action: (autoScaling: AutoScaling) => boolean): void {
    for (const { services } of this.regions.values()) if (action(services.autoScaling)) return;
    throw this.unknown('instance', instanceId);
  }

  private unknown(kind: 'function' | 'Auto Scaling group' | 'instance', name: string): RangeError {
    const names = [...this.regions.values()].flatMap(({ services: { lambda, autoScaling } }) => {
      if (kind === 'function') return lambda.functions().map(({ name: known }) => known);
      const groups = autoScaling.groups();
      if (kind === 'Auto Scaling group') return groups.map(({ name: known }) => known);
      return groups.flatMap(({ instances, warmPool }) => [...instances, ...warmPool].map(({ id }) => id));
    });
    const there = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
    return new RangeError(`there is no ${kind} ${name}: ${there}`);
  }

  private regionOf(account: string, region: string): RunningRegion {
    const key = `${account}/${region}`;
    const known = this.regions.get(key);
    if (known !== undefined) return known;
    const running = this.startRegion(account, region);
    this.regions.set(key, running);
    return running;
  }

  private startRegion(account: string, region: string): RunningRegion {
    const { clock, timeline, options } = this;
    return new RunningRegion({
      ...options,
      clock,
      timeline: timeline.in(`${account}/${region}`),
      account,
      region,
      random: this.random.fork(`${account}/${region}`),
      compute: options.compute ?? 'in-process',
      endpointUrl: () => this.endpointUrl,
      connect: () => this.endpoint.connect(),
      log: (line) => options.onLog?.(line),
      sessions: this.sessions,
      faults: this.faults,
      sqsElsewhere: (...place) => this.regions.get(place.join('/'))?.services.sqs,
      unpack: (functionName, archive) => this.unpack(functionName, archive),
      kmsElsewhere: (other) => this.regions.get(`${other}/${region}`)?.services.kms,
      // One list in all of an account's regions.
      dashboards: [...this.regions].find(([place]) => place.startsWith(`${account}/`))?.[1].services.cloudWatch
        .dashboards,
    });
  }

  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.changing.then(change);
    this.changing = done.catch(() => undefined);
    return done;
  }

  private cloudAt(account: string, region: string, asset: Cloud['asset']): Cloud {
    const { services, stacks, instanceProfiles } = this.regionOf(account, region);
    return {
      account,
      region,
      partition: 'aws',
      call: services.cloudFormation(this.endpointUrl),
      random: this.random.fork(`cloudformation/${account}/${region}`),
      kms: services.kms,
      sqs: services.sqs,
      lambda: services.lambda,
      cloudWatch: services.cloudWatch,
      autoScaling: services.autoScaling,
      launchTemplates: services.launchTemplates,
      asset,
      scratchDirectory: (purpose) => this.scratchDirectory(purpose),
      ssmParameters: this.ssmParameters,
      instanceProfiles,
      stacks,
      timeline: this.timeline.in(`${account}/${region}`),
      outputs: this.outputs,
    };
  }

  /** Unpacks a zip archive. Gives the folder. */
  private unpack(purpose: string, archive: Uint8Array): string {
    const file = join(this.scratchDirectory(`${purpose}-upload`), 'code.zip');
    writeFileSync(file, archive);
    const directory = this.scratchDirectory(purpose);
    unzip(file, directory);
    return directory;
  }

  private scratchDirectory(purpose: string): string {
    const directory = mkdtempSync(join(tmpdir(), `spillway-${purpose}-`));
    this.scratch.push(directory);
    return directory;
  }

  private removeScratch(): void {
    for (const directory of this.scratch.splice(0)) rmSync(directory, { recursive: true, force: true });
  }

  /** The paths of the constructs that made them, by physical name: shorter, and what the user knows them by. */
  private labels(): Map<string, string> {
    const labels = new Map<string, string>();
    for (const { stackName, resources } of this.reports) {
      for (const { path, physicalId } of resources) {
        if (path === undefined) continue;
        const inStack = path.startsWith(`${stackName}/`) ? path.slice(stackName.length + 1) : path;
        labels.set(physicalId.slice(physicalId.lastIndexOf('/') + 1), inStack.replace(/(\/Resource|\/Queue)+$/, ''));
      }
    }
    return labels;
  }
}

type StackPlace = Pick<StackReport, 'account' | 'region' | 'stackName'>;

function sameStack(one: StackPlace, other: StackPlace): boolean {
  return one.account === other.account && one.region === other.region && one.stackName === other.stackName;
}

interface SynthesizableStage {
  synth(): { readonly directory: string };
}

function isStage(root: unknown): root is SynthesizableStage {
  return typeof (root as Partial<SynthesizableStage> | undefined)?.synth === 'function';
}
