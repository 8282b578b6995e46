import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrowserGuard, type RequestGuard } from './core/policy';
import { type Clock, Random, SystemClock } from './clock';
import { ClientRequests } from './protocol/client-requests';
import { ForwardProxy } from './compute';
import type { FunctionModel } from './services/lambda';
import type { WorkerModel } from './services/autoscaling';
import { DisplayNames } from './apps/display-names';
import { Deployments, type LoadOptions, type UnloadOptions } from './apps/deployments';
import { RegionHandle } from './region/region-handle';
import type { EmulatorOptions } from './emulator-options';
import { checkEmulatorOptions } from './emulator-options';
import { aFunction, DeliveryLog, flag, options as optionsOf, texts, textsByName } from './core';
import { RequestFaults } from './faults/request-faults';
import { Region } from './region/region';
import { Regions } from './region/regions';
import { LargeFiles } from './apps/large-files';
import { TemporaryFolders } from './apps/temporary-folders';
import { HttpEndpoint, Substitutes } from './server';
import type { CloudStatus } from './status';
import type { FunctionCodeView, UnloadableFunction } from './services/lambda';
import { SessionIssuer } from './services/sts';
import { isSynthesizable, type SynthesisOptions, synthesize } from './apps/synthesize';
import type { StackReport } from './cloudformation';
import { Timeline, TimelineReplay } from './timeline';
import { InProcessRequestHandler, RequestRouter, type RoutedService, type StubHandler } from './protocol';
import { DEFINITIONS, type ServiceName, STATUS_SECTIONS } from './services';

/** Options of a Spot interruption. */
export interface InterruptionOptions {
  /**
   * Emulated milliseconds from the notice until the instance is shut down.
   * @default 120000
   */
  readonly notice?: number;
}

/** A function's code. */
export interface FunctionCode extends FunctionCodeView {
  readonly account: string;
  readonly region: string;
  /** The folder of the code as it was deployed: the asset's, even if {@link Emulator.replaceCode} has replaced it. */
  readonly assetDirectory: string;
}

/** Options of listening. */
export interface ListenOptions {
  /**
   * The address to listen on, such as `0.0.0.0` for all of this machine. Requests by host names or addresses that are
   * not loopback need the option `allowHosts`.
   * @default '127.0.0.1'
   */
  readonly host?: string;
}

/** Options of preparing functions. */
export interface PreparationOptions {
  /**
   * Stops waiting for slow functions; their preparation continues until the emulator ends.
   * @default - waits until all are prepared
   */
  readonly signal?: AbortSignal;
}

/** Configuration of an SDK client for the emulator: spread it into the client's constructor argument. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Passes requests directly to the emulator, without a socket; absent if it listens on a port. */
  readonly requestHandler?: InProcessRequestHandler;
}

/** A CDK stack, as far as the emulator needs it. */
export interface SynthesizableStack {
  readonly stackName: string;
  readonly node: { readonly root: unknown };
}

const IN_PROCESS_ENDPOINT = 'http://127.0.0.1:4566';

const LOAD_OPTIONS = optionsOf({
  onFailure: aFunction,
  parameters: textsByName,
  stacks: texts,
} satisfies Record<keyof LoadOptions, unknown>);
const UNLOAD_OPTIONS = optionsOf({ force: flag } satisfies Record<keyof UnloadOptions, unknown>);

/** A local cloud: the services, the compute that runs their consumers, and the ways to reach them. */
export class Emulator {
  /** Starts an emulator and loads the synthesized app in `directory`. */
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

  /** Starts an emulator and loads the CDK app that `stack` belongs to. */
  public static fromStack(
    stack: SynthesizableStack,
    { validate, ...options }: EmulatorOptions & SynthesisOptions = {},
  ): Promise<Emulator> {
    const { root } = stack.node;
    if (!isSynthesizable(root))
      throw new TypeError(`the stack ${stack.stackName} is not in an App or Stage, so it cannot be synthesized`);
    return Emulator.fromAssembly(synthesize(root, { validate }), options);
  }

  public readonly clock: Clock;
  /** The cloud's events, as they happen. */
  public readonly timeline: Timeline;
  /** Faults between callers and services. They outlast a {@link reset}. */
  public readonly faults: RequestFaults;
  /** The attempts of services to deliver to resources of other services, as they happen. */
  public readonly deliveries = new DeliveryLog();

  private readonly random: Random;
  private readonly defaultAccount: string;
  private readonly defaultRegion: string;
  private readonly regions = new Regions((...place) => this.startRegion(...place));
  private readonly scratch = new TemporaryFolders();
  /** Bodies and objects that are too long for memory. */
  private readonly largeFiles = new LargeFiles(this.scratch);
  private readonly deployments: Deployments;
  private readonly sessions: SessionIssuer;
  private readonly router: RequestRouter;
  private readonly substitutes: Substitutes;
  private readonly endpoint: HttpEndpoint;
  /** Folders of code that {@link replaceCode} put in place of assets. */
  private readonly replacedCode = new Map<string, string>();
  private readonly clients = new ClientRequests(() => this.clock.notifyActivity());
  private readonly stopWatching: () => void;
  private readonly proxy = new ForwardProxy(() => this.endpointUrl);
  private listeningAt?: string;
  private proxyUrl?: string;

  /**
   * @param guard decides which HTTP requests are served; replaced in tests
   * @throws {TypeError} if an option is unknown
   * @throws {RangeError} if an option's value is invalid
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
    this.substitutes = new Substitutes(clock, options.forward ?? {}, ({ accessKeyId }) =>
      /^\d{12}$/.test(accessKeyId) ? accessKeyId : account,
    );
    const { clockSkew } = options;
    this.router = new RequestRouter({
      services,
      defaultAccount: account,
      defaultRegion: region,
      random,
      substituteFor: (service) => this.substitutes.of(service),
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
      given: options,
    });
    this.endpoint = new HttpEndpoint({
      createFile: () => this.largeFiles.create(),
      router: this.router,
      clock,
      guard,
      onReset: () => this.reset(),
      status: () => this.status(),
      messages: ({ account: owner, region: place, queue, max }) =>
        this.regions.begun(owner, place) && this.region(owner, place).peek(queue, max),
    });
  }

  /** The deployment report of each loaded stack. */
  public get reports(): StackReport[] {
    return this.deployments.reports;
  }

  /** The URL for callers. */
  public get endpointUrl(): string {
    return this.listeningAt ?? IN_PROCESS_ENDPOINT;
  }

  /**
   * Listens on a port. Returns the URL for callers on this machine.
   * @param port 0 takes any free one
   * @throws PortInUse
   */
  public async listen(port: number, { host }: ListenOptions = {}): Promise<string> {
    this.listeningAt = await this.endpoint.listen(port, host);
    if (this.options.compute === 'processes') this.proxyUrl = await this.proxy.listen();
    return this.listeningAt;
  }

  /**
   * Deploys the stacks of a cloud assembly, in dependency order. Instead of one, `directory` may be a CloudFormation
   * template, in YAML or JSON, or a folder of them, with their code beside them. Deployed stacks are updated as CloudFormation would:
   * unchanged resources keep running, with their messages, alarm states and instances. Takes no emulated time.
   *
   * A stack that is no longer in the assembly stays, as with `cdk deploy`; delete it with {@link unload}.
   * @throws {DeploymentError} if CloudFormation or a service would refuse a stack, which is then rolled back
   * @throws {AssemblyError} if a file is not what it must be
   * @throws {TypeError} if an option is unknown
   */
  public async load(directory: string, options: LoadOptions = {}): Promise<StackReport[]> {
    LOAD_OPTIONS(options, '');
    if (this.options.compute === 'processes' && this.listeningAt === undefined) {
      throw new Error("with compute 'processes', call listen before load: processes reach the emulator by its port");
    }
    return this.deployments.load(directory, options);
  }

  /**
   * Deletes a stack and its resources, except those that its template retains.
   *
   * Takes no emulated time, unless an Auto Scaling group of the stack has instances that are protected from scale-in:
   * then it waits for up to an hour until they are gone, and fails if they are not. With a `VirtualClock`, the test
   * must let that time pass. {@link reset} and {@link stop} end the wait.
   * @throws {DeploymentError} if there is no such stack, another stack uses its exports, or a resource cannot be
   * deleted
   * @throws {TypeError} if an option is unknown
   */
  public unload(stackName: string, options: UnloadOptions = {}): Promise<void> {
    UNLOAD_OPTIONS(options, '');
    return this.deployments.unload(stackName, options);
  }

  /**
   * Drops all state of all accounts and Regions, and redeploys what was loaded. Time continues, and the port stays
   * open. Same as `POST /_spillway/reset`.
   */
  public reset(): Promise<void> {
    this.replacedCode.clear();
    return this.deployments.reset();
  }

  /** Where the code of each function is on this machine. */
  public functionCode(): FunctionCode[] {
    const assets = new Map([...this.replacedCode].map(([asset, current]) => [current, asset]));
    return this.regions.all.flatMap(({ account, region, services }) =>
      services.lambda.code().map((code) => {
        const assetDirectory = assets.get(code.codeDirectory) ?? code.codeDirectory;
        return { ...code, account, region, assetDirectory };
      }),
    );
  }

  /**
   * Replaces files of an asset: the functions and workers that run from its folder go on with a copy that has them.
   * Running invocations end in the old code, workers are stopped as their units say, and messages stay. The asset itself
   * does not change, and {@link reset} returns to it. Returns how many functions and workers there are.
   * @param folder the asset's folder
   * @param files the contents, by path in the folder
   */
  public async replaceCode(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<number> {
    const replaced = this.replacedCode.get(folder);
    // An update of the stack returns a function to its asset.
    const current = replaced !== undefined && existsSync(replaced) ? replaced : folder;
    const next = this.scratch.make('replaced');
    cpSync(current, next, { recursive: true });
    for (const [path, content] of Object.entries(files)) writeFileSync(join(next, path), content);
    this.replacedCode.set(folder, next);
    const former = new Set([folder, current]);
    const moved = await Promise.all(
      this.regions.all.flatMap((region) => [...former].map((from) => region.moveCode(from, next))),
    );
    return moved.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Starts an execution environment for each function, ahead of its first invocation. Functions that only custom
   * resources call are left out. Returns those whose code cannot be loaded: as on AWS, each of their invocations fails.
   * @throws the signal's reason, immediately, if it is aborted
   */
  public async prepareFunctions({ signal }: PreparationOptions = {}): Promise<readonly UnloadableFunction[]> {
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

  /** Returns the configuration of an SDK client for this emulator. */
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

  /**
   * Answers all requests of clients to a service by a handler, whether or not it is emulated. It outlasts a
   * {@link reset}.
   * @param service the service's signing name, or the SDK's: `ses`
   */
  public stub(service: string, handler: StubHandler): void {
    this.substitutes.stub(service, handler);
  }

  /** The requests in progress of clients without a port. */
  public get clientRequests(): ClientRequests {
    return this.clients;
  }

  /** The actions of a service, such as `sqs`; undefined if the service does not exist or has no API. */
  public actionsOf(service: string): readonly string[] | undefined {
    return this.router.actionsOf(service);
  }

  /** Returns direct access to one account in one Region, without a client. */
  public region(account: string, region: string): RegionHandle {
    return new RegionHandle(this.regions.at(account, region), this.endpointUrl);
  }

  /** The cloud's current state. */
  public status(): CloudStatus {
    const labels = new DisplayNames(this.reports);
    const sections: Record<string, object[]> = Object.fromEntries(STATUS_SECTIONS.map((section) => [section, []]));
    for (const { services, account, region } of this.regions.all) {
      for (const { name: service, status } of DEFINITIONS) {
        const found = Object.entries(status?.of(services[service as ServiceName]) ?? {});
        for (const [section, resources] of found) {
          const labelled = resources.map((each) => ({
            ...each,
            label: labels.of(account, region, each.name),
            account,
            region,
          }));
          sections[section].push(...labelled);
        }
      }
    }
    return { at: this.clock.now(), ...sections } as unknown as CloudStatus;
  }

  /**
   * Kills an instance's processes without warning, as `kill -9` does; its supervisor restarts them.
   * @throws RangeError if there is no such instance
   */
  public crashInstance(instanceId: string): void {
    this.regions.withInstance(instanceId, (region) => region.crashInstance(instanceId));
  }

  /**
   * Makes an instance of an Auto Scaling group disappear, as if its hardware failed. The group notices at its next
   * health check, and replaces it.
   * @throws RangeError if there is no such instance
   */
  public killInstance(instanceId: string): void {
    this.regions.withInstance(instanceId, ({ services }) => services.autoscaling.killInstance(instanceId));
  }

  /**
   * Interrupts an instance as EC2 interrupts Spot Instances, whether or not it is one: its metadata announce it, and
   * after the notice it is shut down.
   * @throws RangeError if there is no such instance, or `notice` is negative
   */
  public interruptInstance(instanceId: string, options: InterruptionOptions = {}): void {
    const { notice = 120_000 } = options;
    if (!(notice >= 0 && Number.isFinite(notice)))
      throw new RangeError(`notice must be 0 or more milliseconds, but was ${notice}`);
    this.regions.withInstance(instanceId, ({ services }) => services.autoscaling.interruptInstance(instanceId, notice));
  }

  /**
   * Sends an instance EC2's rebalance recommendation, as for a Spot Instance at risk: its metadata announce it, and a
   * group with `CapacityRebalance` replaces it.
   * @throws RangeError if there is no such instance
   */
  public recommendRebalance(instanceId: string): void {
    this.regions.withInstance(instanceId, ({ services }) => services.autoscaling.recommendRebalance(instanceId));
  }

  /**
   * Ends the execution environments that are running a function, as if its code crashed: their invocations fail with
   * `Runtime.ExitError`. Returns how many there were.
   * @throws RangeError if no function has this name, or several accounts or Regions have one: use {@link region}
   */
  public async crashFunction(functionName: string): Promise<number> {
    return this.regions.ofFunction(functionName).crashFunction(functionName);
  }

  /**
   * Replaces future invocations of a function with a model, until {@link reset} or another model.
   * @throws RangeError if no function has this name, or several accounts or Regions have one: use {@link region}
   * @throws RangeError, TypeError if the model is invalid
   */
  public modelFunction(functionName: string, model: FunctionModel): void {
    this.regions.ofFunction(functionName).modelFunction(functionName, model);
  }

  /**
   * Makes the instances that a group launches from now on run a modelled worker instead of their user data. It polls a
   * queue, drains when its instance is terminated, and completes the group's lifecycle hooks. Instances that are
   * already launched do not change; right after {@link load} there are none, because instances take time to boot.
   * Applies until {@link reset} or another model.
   * @throws RangeError if no group has this name, or several accounts or Regions have one: use {@link region}
   * @throws RangeError, TypeError if there is no such queue, or the model is invalid
   */
  public modelGroup(groupName: string, model: WorkerModel): void {
    this.regions.ofGroup(groupName).modelGroup(groupName, model);
  }

  /** Stops everything: pollers, functions, instances, connections. Leaves no process and no file behind. */
  public async stop(): Promise<void> {
    await this.deployments.end();
    await Promise.all(this.regions.all.map((region) => region.stop()));
    await Promise.all([this.endpoint.close(), this.proxy.close()]);
    this.stopWatching();
    if (this.clock instanceof SystemClock) this.clock.stop();
    this.scratch.removeAll();
  }

  private async prepareAll(signal: AbortSignal | undefined): Promise<readonly UnloadableFunction[]> {
    const failed: UnloadableFunction[] = [];
    for (const { services, stacks } of this.regions.all) {
      failed.push(...(await services.lambda.prepareFunctions(stacks.serviceTokens, signal)));
    }
    return failed;
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
      deliveries: this.deliveries,
      unpack: (functionName, archive) => this.scratch.unpack(functionName, archive),
      merge: (folders) => this.scratch.merge('layers', folders),
      discard: (codeDirectory) => this.scratch.remove(codeDirectory),
      commands: options.run ?? {},
      currentCode: (folder) => this.replacedCode.get(folder) ?? folder,
      elsewhere: (...place) => this.regions.begun(...place)?.regionServices,
      othersOfAccount: () => this.regions.ofAccount(account).map(({ regionServices }) => regionServices),
      everywhere: () => this.regions.all.map(({ regionServices }) => regionServices),
      objectFile: () => this.largeFiles.create(),
    });
  }
}
