import {
  type ClientConfig,
  type DeliveryAttempt,
  Emulator,
  type EmulatorOptions,
  isSynthesizable,
  type LogLine,
  RESOURCE_KINDS,
  SERVICE_OF_KIND,
  SERVICE_OPTIONS,
  type ServiceOptions,
  type StackReport,
  type StubHandler,
  type SynthesisOptions,
  type SynthesizableApp,
  type SynthesizableStack,
  synthesize,
  VirtualClock,
} from '../emulator';
import type { HandleOf, KindName, ResourceMethods } from '../emulator/services/testing';
import {
  type HandleContext,
  kindOf,
  milliseconds,
  type RecordingMode,
  type ResourceIdentity,
  type ResourceReference,
  type TimeSpan,
  type WaitOptions,
} from '../emulator/testing';
import type { CloudContext } from './cloud-context';
import { CloudTimeline } from './cloud-timeline';
import { LocalFaults } from './faults/local-faults';
import { importedName } from './imported-name';
import { TimeDriver } from './time-driver';
import { Recorder } from './recording/recorder';
import { Resources } from './resources';
import { untilSettled } from './outside-work';
import { waitFor, waitUntil } from './wait-until';

/** What a {@link LocalCloud} may be told. */
export interface LocalCloudOptions
  extends
    Omit<ServiceOptions, 'bootTime' | 'metricDelay'>,
    Pick<
      EmulatorOptions,
      'seed' | 'account' | 'region' | 'strict' | 'forward' | 'parameters' | 'ssm' | 'secrets' | 'exports'
    >,
    SynthesisOptions {
  /**
   * When emulated time begins: a date, a text that `Date` reads, or milliseconds since the epoch.
   * @default - 2030-01-01T00:00:00Z, so that a timeline is the same whenever it is recorded
   */
  readonly startAt?: Date | string | number;
  /**
   * How long an instance takes to boot: a `Duration`, or milliseconds.
   * @default - 30 seconds
   */
  readonly bootTime?: TimeSpan;
  /**
   * How long after the end of a metric's period alarms see its data point: a `Duration`, or milliseconds.
   * @default - one minute
   */
  readonly metricDelay?: TimeSpan;
  /**
   * How much is recorded. `full` takes some 200 bytes of memory for each message and more for its body: with millions
   * of messages take `summary`, which keeps totals, and the messages that are still in a queue or went astray.
   * @default 'full'
   */
  readonly recording?: RecordingMode;
  /**
   * Takes each line that a handler or a worker writes.
   * @default - nobody does; the last of them are in {@link LocalCloud.logs}
   */
  readonly onLog?: (line: LogLine) => void;
}

const OWN_OPTIONS = {
  account: true,
  exports: true,
  forward: true,
  onLog: true,
  parameters: true,
  recording: true,
  region: true,
  secrets: true,
  seed: true,
  ssm: true,
  startAt: true,
  strict: true,
  validate: true,
} satisfies Record<Exclude<keyof LocalCloudOptions, keyof ServiceOptions>, true>;

const OPTIONS: readonly string[] = [...Object.keys(OWN_OPTIONS), ...SERVICE_OPTIONS].sort();

/** For callers without types; the emulator checks the values. */
function refuseUnknown(options: LocalCloudOptions): void {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`${unknown} is not an option of LocalCloud; allowed: ${OPTIONS.join(', ')}`);
}

export type { SynthesizableApp };

const MOST_LOGS = 1_000;

/** A class without members of its own: {@link LocalCloud} adds the methods that the services' kinds of resources name. */
const WithResourceMethods = class {} as unknown as abstract new () => ResourceMethods;

/**
 * A cloud for a test: the app's queues, functions, groups and alarms, running in this process in virtual time. A day
 * passes in seconds, the same seed gives the same day, and clouds in one process know nothing of one another. It opens
 * no port and leaves nothing behind.
 */
export class LocalCloud extends WithResourceMethods {
  static {
    for (const kind of Object.keys(RESOURCE_KINDS) as KindName[]) {
      const value = function (this: LocalCloud, reference: ResourceReference) {
        return this.handle(kind, reference);
      };
      Object.defineProperty(this.prototype, kind, { value, configurable: true, writable: true });
    }
  }

  /** A cloud in which the app that `stack` belongs to is deployed: all of its stacks. */
  public static async fromStack(stack: SynthesizableStack, options: LocalCloudOptions = {}): Promise<LocalCloud> {
    return LocalCloud.fromApp(appOf(stack), options);
  }

  /** A cloud in which an app, or a stage of one, is deployed. */
  public static async fromApp(app: SynthesizableApp, options: LocalCloudOptions = {}): Promise<LocalCloud> {
    if (!isSynthesizable(app)) throw new TypeError(`app must be an App or a Stage, but was ${kindOf(app)}`);
    return LocalCloud.fromAssembly(synthesize(app, options), options);
  }

  /**
   * A cloud in which the synthesized app in `directory`, a `cdk.out`, is deployed.
   * @throws AssemblyError if the directory is not a cloud assembly
   * @throws DeploymentError where CloudFormation, or a service, would refuse a stack
   */
  public static async fromAssembly(directory: string, options: LocalCloudOptions = {}): Promise<LocalCloud> {
    const cloud = new LocalCloud(options);
    try {
      await cloud.load(directory);
      return cloud;
    } catch (error) {
      await cloud.stop();
      throw error;
    }
  }

  /** The emulator itself, for what is not offered here. Its clock must be moved by the cloud alone. */
  public readonly emulator: Emulator;

  /** What goes wrong, by order of the test. */
  public readonly faults: LocalFaults;

  private readonly clock: VirtualClock;
  private readonly passage: TimeDriver;
  private readonly recorder: Recorder;
  private readonly logLines: LogLine[] = [];
  private resources = new Resources([]);
  private readonly context: CloudContext;
  private readonly startedAt: number;
  private readonly seed: number;
  private readonly attempts: DeliveryAttempt[] = [];
  /** By kind, then by `account/region/name`. */
  private readonly handles = new Map<KindName, Map<string, unknown>>();
  private stopped = false;

  private constructor(private readonly options: LocalCloudOptions) {
    super();
    refuseUnknown(options);
    const { startAt, bootTime, metricDelay, recording = 'full', onLog, seed = 1, ...others } = options;
    const { validate: _, ...rest } = others;
    this.clock = new VirtualClock({ startAt: instant(startAt) });
    this.startedAt = this.clock.now();
    this.seed = seed;
    this.recorder = new Recorder({ mode: recordingMode(recording), startedAt: this.startedAt });
    this.emulator = new Emulator({
      ...rest,
      seed,
      clock: this.clock,
      bootTime: bootTime === undefined ? undefined : milliseconds(bootTime, 'bootTime'),
      metricDelay: metricDelay === undefined ? undefined : milliseconds(metricDelay, 'metricDelay'),
      onLog: (line) => {
        this.logLines.push(line);
        if (this.logLines.length > MOST_LOGS) this.logLines.shift();
        onLog?.(line);
      },
    });
    this.emulator.timeline.observe((event) => this.recorder.take(event));
    this.emulator.deliveries.observe((attempt) => {
      if (recording === 'full' || attempt.outcome !== 'delivered') this.attempts.push(attempt);
    });
    this.passage = new TimeDriver(this.clock);
    const resources = () => this.resources;
    this.context = {
      emulator: this.emulator,
      clock: this.clock,
      passage: this.passage,
      recorder: this.recorder,
      logs: this.logLines,
      get resources() {
        return resources();
      },
      home: () => {
        const [[account, region]] = this.places();
        return { account, region };
      },
      identify: (kind, reference) => this.identify(kind, reference),
      picture: () => this.timeline().toString(),
    };
    this.faults = new LocalFaults(this.context, seed);
  }

  /** The time in the cloud, in milliseconds since the epoch. */
  public get now(): number {
    return this.clock.now();
  }

  /** What became of each stack that was deployed: what is emulated, and what is not. */
  public get reports(): readonly StackReport[] {
    return this.emulator.reports;
  }

  /** The last lines that handlers and workers wrote, up to 1,000, the oldest first. */
  public get logs(): readonly LogLine[] {
    return this.logLines;
  }

  /**
   * What services delivered, or failed to deliver, to the resources of other services, oldest first: what topics sent
   * to queues and functions, rules to their targets, and alarms to their actions. A delivery that a policy denied has
   * the missing statement in {@link DeliveryAttempt.missing}. With `recording: 'summary'`, only what was not delivered.
   */
  public get deliveries(): readonly DeliveryAttempt[] {
    return this.attempts;
  }

  /** Lets time pass: a `Duration`, or milliseconds. All that falls due in it happens. */
  public async advance(span: TimeSpan): Promise<void> {
    await this.passage.advance(milliseconds(span, 'the time to advance'));
  }

  /**
   * Lets time pass until a condition holds. It is asked after each thing that happens in the cloud.
   * @throws NotReachedError where it does not hold in time: it tells what is stuck, and why
   */
  public runUntil(condition: () => boolean, options?: WaitOptions): Promise<void>;
  /**
   * Lets time pass until a promise settles: for example that of an SDK client's long poll. Returns its value.
   * @throws NotReachedError where it does not settle in time: it tells what is stuck, and why
   */
  public runUntil<T>(promise: Promise<T>, options?: WaitOptions): Promise<T>;
  public async runUntil<T>(awaited: (() => boolean) | Promise<T>, options: WaitOptions = {}): Promise<T | void> {
    if (typeof awaited === 'function') {
      await waitUntil(this.context, () => answer(awaited), String(awaited), options);
      return;
    }
    if (typeof (awaited as Partial<Promise<T>> | undefined)?.then !== 'function') {
      throw new TypeError(`awaited must be a function (the condition) or a promise, but was ${kindOf(awaited)}`);
    }
    await waitFor(
      this.context,
      (atMost) => untilSettled(this.context, awaited, atMost),
      'the promise settles',
      options,
    );
    return awaited;
  }

  /** Runs the next thing that is due, whenever that is, and all that it causes. Returns false if nothing is due. */
  public next(): Promise<boolean> {
    return this.passage.next();
  }

  /** What has happened so far. */
  public timeline(): CloudTimeline {
    return new CloudTimeline(this.recorder, this.resources, { now: this.now, seed: this.seed });
  }

  /**
   * Deploys another version of the app, or of a stack and the app that it belongs to, as `cdk deploy` would: what did
   * not change goes on undisturbed, the rest is changed in place or replaced, and a failure undoes all. It takes no time
   * in the cloud. Resources are named by the constructs of this version from now on. Returns the changes.
   * @throws AssemblyError, DeploymentError where CloudFormation, or a service, would refuse the update
   */
  public async update(changed: SynthesizableStack | SynthesizableApp): Promise<StackReport[]> {
    const app = isSynthesizable(changed) ? changed : appOf(changed);
    return this.load(synthesize(app, this.options));
  }

  /**
   * Answers all requests to a service by a handler, whether or not it is emulated: what it returns is the output, and
   * the name of an error that it throws is AWS's code.
   * @param service the service's signing name, or the SDK's: `ses`
   */
  public stub(service: string, handler: StubHandler): void {
    this.emulator.stub(service, handler);
  }

  /** The configuration of an SDK client for this cloud: spread it into the client's own. */
  public clientConfig(): ClientConfig {
    return this.emulator.clientConfig();
  }

  /**
   * Ends it: pollers, functions, instances. May be called more than once. What has happened can still be asked for, and
   * no time passes any more.
   */
  public async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.emulator.stop();
    this.passage.close();
  }

  /** Ends it at the end of an `await using` block. */
  public [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async load(directory: string): Promise<StackReport[]> {
    const reports = await this.emulator.load(directory);
    this.resources = new Resources(this.reports);
    return reports;
  }

  private handle<K extends KindName>(kind: K, reference: ResourceReference): HandleOf<K> {
    const identity = this.identify(kind, reference);
    const key = `${identity.account}/${identity.region}/${identity.name}`;
    let ofKind = this.handles.get(kind);
    if (ofKind === undefined) this.handles.set(kind, (ofKind = new Map<string, unknown>()));
    let handle = ofKind.get(key);
    if (handle === undefined) {
      const { handle: Handle } = RESOURCE_KINDS[kind];
      ofKind.set(key, (handle = new Handle(this.handleContext(kind, identity), identity)));
    }
    return handle as HandleOf<K>;
  }

  private handleContext(kind: KindName, { account, region, name }: ResourceIdentity): HandleContext {
    const { context, emulator, clock, passage, recorder } = this;
    const regionHandle = emulator.region(account, region);
    return {
      service: regionHandle.service(SERVICE_OF_KIND[kind]),
      record: recorder.record(kind, `${account}/${region}`, name),
      caller: regionHandle.caller,
      clock,
      startedAt: this.startedAt,
      get endpointUrl() {
        return emulator.endpointUrl;
      },
      use: (port) => regionHandle.use(port),
      // A service names the kinds of others by text; an unknown one is found nowhere.
      identify: (other, reference) => this.identify(other as KindName, reference),
      advance: (span) => passage.advance(span),
      until: (done, atMost) => passage.until(done, atMost),
      waitUntil: (done, what, options = {}) => waitUntil(context, done, what, options),
      picture: context.picture,
    };
  }

  private identify(kind: KindName, reference: ResourceReference): ResourceIdentity {
    const { importedBy, nameIn = lastSegment } = RESOURCE_KINDS[kind];
    const imported = typeof reference === 'string' ? undefined : importedName(reference, importedBy, nameIn);
    const wanted = imported ?? reference;
    const found = this.resources.find(kind, wanted) ?? this.byName(kind, wanted as string); // of a construct, find gives one or throws
    return { ...found, label: this.resources.labelOf(`${found.account}/${found.region}`, found.name) };
  }

  /** A resource that no template made: a queue that code has created, or an alarm of a policy. */
  private byName(kind: KindName, reference: string) {
    const resourceKind = RESOURCE_KINDS[kind];
    const { name: kindName, nameIn = lastSegment } = resourceKind;
    const name = nameIn(reference);
    const [, , , inRegion = '', inAccount = ''] = reference.startsWith('arn:') ? reference.split(':') : [];
    for (const [account, region] of this.places()) {
      if ((inAccount !== '' && inAccount !== account) || (inRegion !== '' && inRegion !== region)) continue;
      const regionHandle = this.emulator.region(account, region);
      const service = regionHandle.service(SERVICE_OF_KIND[kind]);
      if (resourceKind.exists(service, name, regionHandle.caller)) return { account, region, name };
    }
    throw new Error(
      `no ${kindName} has the logical id, construct path or name '${reference}'. ${this.resources.present(kind)}`,
    );
  }

  private places(): (readonly [account: string, region: string])[] {
    const { account = '000000000000', region = 'us-east-1' } = this.options;
    const places = new Map<string, readonly [string, string]>();
    for (const report of this.reports) {
      places.set(`${report.account}/${report.region}`, [report.account, report.region]);
    }
    places.set(`${account}/${region}`, [account, region]);
    return [...places.values()];
  }
}

function appOf(stack: SynthesizableStack): SynthesizableApp {
  const root = (stack as Partial<SynthesizableStack> | undefined)?.node?.root;
  if (isSynthesizable(root)) return root;
  if (root === undefined) throw new TypeError(`stack must be a Stack, but was ${kindOf(stack)}`);
  throw new TypeError(`the stack ${stack.stackName} is in no App or Stage, so it cannot be synthesized`);
}

function instant(startAt: Date | string | number | undefined): number | undefined {
  if (startAt === undefined) return undefined;
  const at = new Date(startAt).getTime();
  if (Number.isFinite(at)) return at;
  throw new RangeError(`startAt must be a date, but was ${String(startAt)}`);
}

function recordingMode(mode: string): RecordingMode {
  if (mode === 'full' || mode === 'summary') return mode;
  throw new RangeError(`recording must be 'full' or 'summary', but was '${mode}'`);
}

/** The name in an ARN or a URL. */
function lastSegment(text: string): string {
  return text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf(':')) + 1);
}

/** A promise would always be true: a condition that is async has been written by mistake. */
function answer(condition: () => boolean): boolean {
  const value: unknown = condition();
  if (typeof (value as { then?: unknown } | undefined | null)?.then === 'function') {
    throw new TypeError('a condition must answer at once: it is asked after each thing that happens, so not async');
  }
  return Boolean(value);
}
