import { BrowserGuard, type RequestGuard } from './core/policy';
import { type Clock, Random, SystemClock } from './clock';
import { ClientRequests } from './protocol/client-requests';
import { ForwardProxy, type FunctionModel, type WorkerModel } from './compute';
import { DisplayNames } from './apps/display-names';
import { Deployments, type UnloadOptions } from './apps/deployments';
import { RegionHandle } from './region/region-handle';
import type { EmulatorOptions } from './emulator-options';
import { checkEmulatorOptions } from './emulator-options';
import { flag, options as optionsOf } from './core';
import { RequestFaults } from './faults/request-faults';
import { Region } from './region/region';
import { Regions } from './region/regions';
import { TemporaryFolders } from './apps/temporary-folders';
import { HttpEndpoint } from './server';
import type { CloudStatus } from './status';
import { SessionIssuer } from './services/sts';
import { isSynthesizable, type SynthesisOptions, synthesize } from './apps/synthesize';
import type { StackReport } from './cloudformation';
import { Timeline, TimelineReplay } from './timeline';
import { InProcessRequestHandler, RequestRouter, type RoutedService } from './protocol';
import { DEFINITIONS, type ServiceName, STATUS_SECTIONS } from './services';

/** How EC2 takes an instance back. */
export interface InterruptionOptions {
  /**
   * Emulated milliseconds from its notice until the instance is shut down.
   * @default 120000
   */
  readonly notice?: number;
}

/** How functions are prepared. */
export interface PreparationOptions {
  /**
   * Ends the wait for functions that take their time. What was begun for them ends with the emulator.
   * @default - waits until all are prepared, or one fails
   */
  readonly signal?: AbortSignal;
}

/** What an SDK client needs to talk to the emulator: spread it into the client's configuration. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Hands requests straight to the emulator, without a socket; absent when it listens on a port. */
  readonly requestHandler?: InProcessRequestHandler;
}

/** A CDK stack, as far as the emulator needs to know one. */
export interface SynthesizableStack {
  readonly stackName: string;
  readonly node: { readonly root: unknown };
}

const IN_PROCESS_ENDPOINT = 'http://127.0.0.1:4566';

const UNLOAD_OPTIONS = optionsOf({ force: flag } satisfies Record<keyof UnloadOptions, unknown>);

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
  public static fromStack(
    stack: SynthesizableStack,
    { validate, ...options }: EmulatorOptions & SynthesisOptions = {},
  ): Promise<Emulator> {
    const { root } = stack.node;
    if (!isSynthesizable(root))
      throw new TypeError(`the stack ${stack.stackName} is in no App or Stage, so it cannot be synthesized`);
    return Emulator.fromAssembly(synthesize(root, { validate }), options);
  }

  public readonly clock: Clock;
  /** What happens in the cloud, told as it happens. */
  public readonly timeline: Timeline;
  /** Faults between callers and services. A {@link reset} leaves them. */
  public readonly faults: RequestFaults;

  private readonly random: Random;
  private readonly defaultAccount: string;
  private readonly defaultRegion: string;
  private readonly regions = new Regions((...place) => this.startRegion(...place));
  private readonly scratch = new TemporaryFolders();
  private readonly deployments: Deployments;
  private readonly sessions: SessionIssuer;
  private readonly router: RequestRouter;
  private readonly endpoint: HttpEndpoint;
  private readonly clients = new ClientRequests(() => this.clock.notifyActivity());
  private readonly stopWatching: () => void;
  private readonly proxy = new ForwardProxy(() => this.endpointUrl);
  private listeningAt?: string;
  private proxyUrl?: string;

  /**
   * @param guard decides which HTTP requests are answered; tests of the default guard replace it
   * @throws {TypeError} if an option is unknown
   * @throws {RangeError} if the value of an option makes no sense
   */
  constructor(
    private readonly options: EmulatorOptions = {},
    private readonly guard: RequestGuard = new BrowserGuard(options),
  ) {
    checkEmulatorOptions(options);
    const { seed = 1 } = options;
    this.clock = options.clock ?? new SystemClock();
    this.random = new Random(seed);
    this.timeline = new Timeline(this.clock);
    this.stopWatching = this.clock.watch(new TimelineReplay(this.clock, this.timeline));
    this.defaultAccount = options.account ?? '000000000000';
    this.defaultRegion = options.region ?? 'us-east-1';
    const { defaultAccount: account, defaultRegion: region, clock } = this;
    this.sessions = new SessionIssuer(clock, this.random.fork('sts'));
    const faulty = new Map(DEFINITIONS.map((definition) => [definition.name, definition]));
    const { timeline } = this;
    this.faults = new RequestFaults({ services: faulty, clock, timeline, random: this.random.fork('faults') });
    const services = DEFINITIONS.flatMap(({ name, protocol }): RoutedService[] => {
      const resolve = (...place: [string, string]) => this.regions.at(...place).api[name as ServiceName];
      return protocol === undefined ? [] : [{ name, binding: protocol, resolve }];
    });
    const random = this.random.fork('wire');
    const { clockSkew } = options;
    this.router = new RequestRouter({
      services,
      defaultAccount: account,
      defaultRegion: region,
      random,
      identify: (accessKeyId, sessionToken) => this.sessions.holderOf(accessKeyId, sessionToken),
      ...(clockSkew !== undefined && { time: { now: () => clock.now(), tolerance: clockSkew } }),
    });
    this.deployments = new Deployments({
      clock,
      regions: this.regions,
      scratch: this.scratch,
      timeline: this.timeline,
      random: this.random,
      account,
      region,
      endpointUrl: () => this.endpointUrl,
      strict: options.strict ?? false,
    });
    this.endpoint = new HttpEndpoint({
      router: this.router,
      clock,
      guard,
      onReset: () => this.reset(),
      status: () => this.status(),
    });
  }

  /** What became of each stack that was loaded. */
  public get reports(): StackReport[] {
    return this.deployments.reports;
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
    this.listeningAt = await this.endpoint.listen(port);
    if (this.options.compute === 'processes') this.proxyUrl = await this.proxy.listen();
    return this.listeningAt;
  }

  /**
   * Deploys all stacks of a cloud assembly, in the order of their dependencies. One that is deployed already is updated
   * as CloudFormation would: what did not change goes on undisturbed, messages, alarms' states and instances included. It
   * takes no emulated time.
   *
   * A stack that an assembly no longer has stays, as with `cdk deploy`: {@link unload} deletes one.
   * @throws {DeploymentError} where CloudFormation, or a service, would refuse a stack: that one is then what it was
   */
  public async load(directory: string): Promise<StackReport[]> {
    if (this.options.compute === 'processes' && this.listeningAt === undefined) {
      throw new Error('processes reach the emulator by its port: call listen before load');
    }
    return this.deployments.load(directory);
  }

  /**
   * Deletes a stack and its resources, except those that its template retains.
   *
   * It takes no emulated time, unless an Auto Scaling group of the stack has instances that are protected from scale in:
   * then it waits, for up to an hour, until they are gone, and fails if they are not. With a `VirtualClock` somebody must
   * let that time pass. {@link reset} and {@link stop} end the wait.
   * @throws {DeploymentError} if there is no such stack, another one uses its exports, or a resource cannot be deleted
   * @throws {TypeError} if an option is unknown
   */
  public unload(stackName: string, options: UnloadOptions = {}): Promise<void> {
    UNLOAD_OPTIONS(options, '');
    return this.deployments.unload(stackName, options);
  }

  /**
   * Drops all state of all accounts and regions, and deploys anew what was loaded. Time goes on, and the port stays. The
   * same as `POST /_spillway/reset`.
   */
  public reset(): Promise<void> {
    return this.deployments.reset();
  }

  /**
   * Starts an environment of each function that was loaded, rather than at its first invocation.
   * @throws Error if a function's code cannot be loaded, in one line: AWS would deploy it, and fail each invocation. The
   * signal's reason, at once, if it is aborted.
   */
  public async prepareFunctions({ signal }: PreparationOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const prepared = this.prepareAll(signal);
    if (signal === undefined) return prepared;
    let stop = () => {};
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
    });
    return Promise.race([prepared, aborted]).finally(() => signal.removeEventListener('abort', stop));
  }

  /** The configuration of an SDK client for this emulator. */
  public clientConfig(): ClientConfig {
    return {
      endpoint: this.endpointUrl,
      region: this.defaultRegion,
      credentials: { accessKeyId: this.defaultAccount, secretAccessKey: 'local' },
      ...(this.listeningAt === undefined && {
        requestHandler: new InProcessRequestHandler(this.router, this.clients),
      }),
    };
  }

  /** The requests of clients without a port that wait for their answer. */
  public get clientRequests(): ClientRequests {
    return this.clients;
  }

  /** The actions of a service, such as `sqs`; undefined if there is no such service, or it has no API. */
  public actionsOf(service: string): readonly string[] | undefined {
    return this.router.actionsOf(service);
  }

  /** One account in one region, without a client. */
  public region(account: string, region: string): RegionHandle {
    return new RegionHandle(this.regions.at(account, region), this.endpointUrl);
  }

  /** The state of the cloud at this moment. */
  public status(): CloudStatus {
    const labels = new DisplayNames(this.reports);
    const sections: Record<string, object[]> = Object.fromEntries(STATUS_SECTIONS.map((section) => [section, []]));
    for (const { services, account, region } of this.regions.all) {
      for (const { name: service, status } of DEFINITIONS) {
        const found = Object.entries(status?.of(services[service as ServiceName]) ?? {});
        for (const [section, resources] of found) {
          const labelled = resources.map((each) => ({ ...each, label: labels.of(account, region, each.name) }));
          sections[section].push(...labelled);
        }
      }
    }
    return { at: this.clock.now(), ...sections } as unknown as CloudStatus;
  }

  /**
   * Kills an instance's processes without warning, as `kill -9` does; its supervisor starts them again.
   * @throws RangeError where there is no such instance
   */
  public crashInstance(instanceId: string): void {
    this.regions.withInstance(instanceId, (region) => region.crashInstance(instanceId));
  }

  /**
   * Has an instance of an Auto Scaling group vanish, as when its hardware fails. The group finds out by its next health
   * check, and replaces it.
   * @throws RangeError where there is no such instance
   */
  public killInstance(instanceId: string): void {
    this.regions.withInstance(instanceId, ({ services }) => services.autoscaling.killInstance(instanceId));
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
    this.regions.withInstance(instanceId, ({ services }) => services.autoscaling.interruptInstance(instanceId, notice));
  }

  /**
   * Has EC2 recommend to replace an instance, as it does with Spot Instances that are at risk: its metadata tell of it,
   * and a group with `CapacityRebalance` replaces it.
   * @throws RangeError where there is no such instance
   */
  public recommendRebalance(instanceId: string): void {
    this.regions.withInstance(instanceId, ({ services }) => services.autoscaling.recommendRebalance(instanceId));
  }

  /**
   * Ends the execution environments in which a function runs now, as a crash of its code does: their invocations fail
   * with `Runtime.ExitError`. Gives how many they were.
   * @throws RangeError if no account and region has such a function, or several have: {@link region} tells them apart
   */
  public async crashFunction(functionName: string): Promise<number> {
    return this.regions.ofFunction(functionName).crashFunction(functionName);
  }

  /**
   * Has a function's further invocations take the time, and do the work, that a model says. In force until
   * {@link reset}, which deploys anew; another model takes its place.
   * @throws RangeError if no account and region has such a function, or several have: {@link region} tells them apart
   * @throws RangeError, TypeError if the model is invalid
   */
  public modelFunction(functionName: string, model: FunctionModel): void {
    this.regions.ofFunction(functionName).modelFunction(functionName, model);
  }

  /**
   * Has the instances that an Auto Scaling group launches from now on run a modelled worker in place of their user data:
   * one that polls a queue as a worker should, drains when its instance is terminated, and completes the group's
   * lifecycle hooks. What has been launched before stays as it is; right after {@link load} nothing has, as an instance
   * takes its time to boot. In force until {@link reset}; another model takes its place.
   * @throws RangeError if no account and region has such a group, or several have: {@link region} tells them apart
   * @throws RangeError, TypeError if there is no such queue, or the model is invalid
   */
  public modelGroup(groupName: string, model: WorkerModel): void {
    this.regions.ofGroup(groupName).modelGroup(groupName, model);
  }

  /** Ends all that runs: pollers, functions, instances, connections. Leaves no process and no file behind. */
  public async stop(): Promise<void> {
    await this.deployments.end();
    await Promise.all(this.regions.all.map((region) => region.stop()));
    await Promise.all([this.endpoint.close(), this.proxy.close()]);
    this.stopWatching();
    if (this.clock instanceof SystemClock) this.clock.stop();
    this.scratch.removeAll();
  }

  private async prepareAll(signal: AbortSignal | undefined): Promise<void> {
    for (const { services } of this.regions.all) await services.lambda.prepareFunctions(signal);
  }

  private startRegion(account: string, region: string): Region {
    const { clock, timeline, options } = this;
    return new Region({
      options,
      clock,
      timeline: timeline.in(`${account}/${region}`),
      account,
      region,
      random: this.random.fork(`${account}/${region}`),
      compute: options.compute ?? 'in-process',
      endpointUrl: () => this.endpointUrl,
      proxyUrl: () => this.proxyUrl,
      guard: this.guard,
      connect: () => this.endpoint.connect(),
      log: (line) => options.onLog?.(line),
      sessions: this.sessions,
      interceptors: [this.faults],
      unpack: (functionName, archive) => this.scratch.unpack(functionName, archive),
      discard: (codeDirectory) => this.scratch.remove(codeDirectory),
      elsewhere: (...place) => this.regions.begun(...place)?.regionServices,
      othersOfAccount: () => this.regions.ofAccount(account).map(({ regionServices }) => regionServices),
    });
  }
}
