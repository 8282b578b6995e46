import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, ClockScope, Random, SystemClock } from './clock';
import {
  createProcessRunner,
  createSandboxRunner,
  InProcessFleet,
  type LogLine,
  ProcessFleet,
  type Surroundings,
} from './compute';
import type { KeyAccessRequest, KmsLimits } from './kms';
import { Region } from './region';
import { RegionSurroundings } from './region-surroundings';
import { HttpEndpoint } from './server';
import type { SqsLimits } from './sqs';
import type { AlarmStatus, CloudStatus, GroupStatus, QueueStatus } from './status';
import { Sts } from './sts';
import { type AssemblyStack, type Cloud, deploy, readAssembly, type StackReport } from './template';
import { Timeline } from './timeline';
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
export interface EmulatorOptions {
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
   * Limits of SQS that differ from AWS's, by name.
   * @default - AWS's
   */
  readonly sqsLimits?: Partial<SqsLimits>;
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
   * Emulated milliseconds that an instance takes to boot.
   * @default 30000
   */
  readonly bootTime?: number;
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
  /**
   * Takes each line that a handler or a worker writes.
   * @default - nobody does
   */
  readonly onLog?: (line: LogLine) => void;
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

/** A region, and what runs its handlers and workers. */
interface RunningRegion {
  readonly services: Region;
  readonly fleet: ProcessFleet | InProcessFleet;
  /** The assets of the assemblies that were loaded into it. */
  readonly assets: Cloud['asset'][];
  readonly exports: Map<string, string>;
  stop(): Promise<void>;
  /** Stops it, and ends all that still waits for something in it. */
  drop(): Promise<void>;
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

  private readonly random: Random;
  private readonly account: string;
  private readonly region: string;
  private readonly regions = new Map<string, RunningRegion>();
  private readonly wire: Wire;
  private readonly endpoint: HttpEndpoint;
  private readonly ssmParameters = new Map<string, string>();
  private readonly outputs = new Map<string, string>();
  private readonly scratch: string[] = [];
  private readonly loaded: string[] = [];
  private listeningAt?: string;

  constructor(private readonly options: EmulatorOptions = {}) {
    this.clock = options.clock ?? new SystemClock();
    this.random = new Random(options.seed ?? 1);
    this.timeline = new Timeline(this.clock);
    this.account = options.account ?? '000000000000';
    this.region = options.region ?? 'us-east-1';
    const { account, region, clock } = this;
    const sts = new Sts();
    const services = [
      sqsBinding((...place) => this.regionOf(...place).services.sqs),
      lambdaBinding((...place) => this.regionOf(...place).services.lambda),
      cloudWatchBinding((...place) => this.regionOf(...place).services.cloudWatch),
      autoScalingBinding((...place) => this.regionOf(...place).services.autoScaling),
      kmsBinding((...place) => this.regionOf(...place).services.kms),
      stsBinding(() => sts),
    ];
    const random = this.random.fork('wire');
    this.wire = new Wire({ services, defaultAccount: account, defaultRegion: region, random });
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

  /** Deploys all stacks of a cloud assembly, in the order of their dependencies. */
  public async load(directory: string): Promise<StackReport[]> {
    if (this.options.compute === 'processes' && this.listeningAt === undefined) {
      throw new Error('processes reach the emulator by its port: call listen before load');
    }
    const assembly = readAssembly(directory);
    const reports: StackReport[] = [];
    for (const stack of assembly.stacks) {
      const cloud = this.cloudOf(stack, assembly.asset);
      reports.push(await deploy(stack, cloud, { strict: this.options.strict }));
    }
    this.reports.push(...reports);
    this.loaded.push(directory);
    return reports;
  }

  /**
   * Drops all state of all accounts and regions, and deploys anew what was loaded. Time goes on, and the port stays. The
   * same as `POST /_spillway/reset`.
   */
  public async reset(): Promise<void> {
    const regions = [...this.regions.values()];
    const directories = this.loaded.splice(0);
    this.regions.clear();
    this.reports.length = 0;
    this.ssmParameters.clear();
    this.outputs.clear();
    await Promise.all(regions.map((region) => region.drop()));
    this.removeScratch();
    for (const directory of directories) await this.load(directory);
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
      ...(this.listeningAt === undefined && { requestHandler: new WireRequestHandler(this.wire) }),
    };
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
    for (const { fleet } of this.regions.values()) fleet.crash(instanceId);
  }

  /** Ends all that runs: pollers, functions, instances, connections. Leaves no process and no file behind. */
  public async stop(): Promise<void> {
    const regions = [...this.regions.values()];
    await Promise.all(regions.map((region) => region.stop()));
    await this.endpoint.close();
    if (this.clock instanceof SystemClock) this.clock.stop();
    this.removeScratch();
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
    const random = this.random.fork(`${account}/${region}`);
    const processes = options.compute === 'processes';
    const surroundings = new RegionSurroundings({
      clock,
      random,
      account,
      region,
      ports: processes,
      endpointUrl: () => this.endpointUrl,
      connect: () => this.endpoint.connect(),
      instance: (instanceId) => services.autoScaling.instance(instanceId),
      log: (line) => options.onLog?.(line),
    });
    const assets: Cloud['asset'][] = [];
    const asset: Cloud['asset'] = (bucket, key) => {
      for (const find of assets) {
        const found = find(bucket, key);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    const { fleet, functions } = this.startCompute(random, surroundings, asset);
    const { sqsLimits, kmsLimits, metricDelay, bootTime, scaleInShare, authorizeKey } = options;
    const kmsElsewhere = (other: string) => this.regions.get(`${other}/${region}`)?.services.kms;
    const scope = new ClockScope(clock);
    const place = { clock: scope, random, timeline, account, region };
    const services = new Region({
      ...place,
      fleet,
      functions,
      sqsLimits,
      kmsLimits,
      metricDelay,
      bootTime,
      scaleInShare,
      authorizeKey,
      kmsElsewhere,
    });
    const stop = async () => {
      await services.stop();
      await Promise.all([fleet.stop(), functions.dispose()]);
      await surroundings.close();
    };
    const drop = async () => {
      await stop();
      services.endWaiting();
      scope.end();
    };
    return { services, fleet, assets, exports: new Map(), stop, drop };
  }

  private startCompute(random: Random, surroundings: Surroundings, asset: Cloud['asset']) {
    const { clock } = this;
    if (this.options.compute !== 'processes') {
      const compute = { clock, random, surroundings };
      return { fleet: new InProcessFleet({ ...compute, asset }), functions: createSandboxRunner(compute) };
    }
    if (!(clock instanceof SystemClock)) {
      throw new TypeError("compute 'processes' runs in the machine's time: it needs a SystemClock");
    }
    const compute = { clock, random, surroundings };
    return { fleet: new ProcessFleet({ ...compute, asset }), functions: createProcessRunner(compute) };
  }

  private cloudOf(stack: AssemblyStack, asset: Cloud['asset']): Cloud {
    const { account = this.account, region = this.region } = stack;
    const { services, assets, exports } = this.regionOf(account, region);
    assets.push(asset);
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
      exports,
      outputs: this.outputs,
    };
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

interface SynthesizableStage {
  synth(): { readonly directory: string };
}

function isStage(root: unknown): root is SynthesizableStage {
  return typeof (root as Partial<SynthesizableStage> | undefined)?.synth === 'function';
}
