import type { Clock } from '../../clock';
import type { MetadataService, ComputeHost } from '../compute-host';
import { type ProgramEnd, type StartProgram, SupervisedService } from './supervised-service';
import { type AssetLookup, type CompletedAction, readUserData, type WorkerProgram } from './user-data';

/** An instance launched by an Auto Scaling group, as far as it matters for running it. */
export interface InstanceToRun {
  readonly instanceId: string;
  readonly launchTemplate: {
    /** In base64. */
    readonly userData?: string;
  };
  /** Whether it restarts: user data runs only on the first boot; what it set up runs on every boot. */
  readonly hasBooted?: boolean;
}

/** Options of a fleet. */
export interface WorkerFleetOptions {
  readonly clock: Clock;
  readonly computeHost: ComputeHost;
  /** Returns the location on this machine of assets that user data downloads. */
  readonly asset: AssetLookup;
  /**
   * Completes a lifecycle action of an instance, as its user data does with the AWS CLI. Returns what is wrong, if
   * anything.
   * @default - there are no groups with lifecycle actions
   */
  readonly completeAction?: (instanceId: string, action: CompletedAction) => string | undefined;
}

/** A program on an instance, with what is needed to start it. */
export interface InstanceProgram {
  readonly instanceId: string;
  readonly program: WorkerProgram;
  readonly metadata: MetadataService;
  /** Called with each line that the program writes. */
  readonly log: (stream: 'stdout' | 'stderr', text: string) => void;
}

interface Instance {
  /** Resolves when the user data has run. */
  readonly booted: Promise<void>;
  terminated: boolean;
  readonly userData: string;
  /** The folders on this machine that its program runs from. */
  folders?: readonly string[];
  metadata?: MetadataService;
  service?: SupervisedService;
}

/**
 * Instances that run their user data as soon as they are launched; the Auto Scaling group models the boot time. A
 * subclass decides where the programs run.
 */
export abstract class WorkerFleet {
  private readonly instances = new Map<string, Instance>();
  private readonly reported = new Set<string>();

  constructor(protected readonly options: WorkerFleetOptions) {}

  /** Runs the instance's user data, and then the service that it starts. */
  public launch({ instanceId, launchTemplate, hasBooted = false }: InstanceToRun): void {
    if (this.instances.has(instanceId)) throw new Error(`${instanceId} was already launched`);
    const release = this.options.clock.hold();
    const instance: Instance = {
      terminated: false,
      userData: launchTemplate.userData ?? '',
      booted: Promise.resolve()
        .then(() => this.boot(instanceId, instance, !hasBooted))
        .catch((error: Error) => this.log(instanceId, 'stderr', `${instanceId} could not start: ${error.message}`))
        .finally(release),
    };
    this.instances.set(instanceId, instance);
  }

  /**
   * Shuts an instance down: stops its service as the unit says, and closes its metadata service. Resolves when its
   * processes are gone, or immediately if the instance does not exist.
   */
  public terminate(instanceId: string): Promise<void> {
    return this.remove(instanceId, (service) => service.stop());
  }

  /** Ends an instance without warning, as a hardware failure does. Resolves when its processes are gone. */
  public kill(instanceId: string): Promise<void> {
    return this.remove(instanceId, (service) => service.kill());
  }

  /** Kills an instance's program as `kill -9` does; its unit decides whether it is restarted. */
  public crash(instanceId: string): void {
    this.instances.get(instanceId)?.service?.crash();
  }

  /**
   * Stops the programs that run from a folder, as their units say, and starts what their user data sets up now, as when
   * the asset is replaced. Returns how many there are.
   */
  public async reload(folder: string): Promise<number> {
    const affected = [...this.instances].filter(([, { folders }]) => folders?.includes(folder));
    const restart = async ([instanceId, instance]: [string, Instance]): Promise<void> => {
      await instance.service?.stop();
      const { metadata, terminated, userData } = instance;
      if (terminated || metadata === undefined) return;
      const { program } = readUserData(userData, this.options.asset);
      if (program !== undefined) this.run(instanceId, instance, program, metadata);
    };
    await Promise.all(affected.map(restart));
    return affected.length;
  }

  /** Ends all instances. Leaves no process behind. */
  public async stop(): Promise<void> {
    await Promise.all([...this.instances.keys()].map((id) => this.remove(id, (service) => service.kill())));
  }

  /**
   * Returns a function that starts the program; called once per instance. Throws if the program cannot be started here.
   */
  protected abstract starter(instance: InstanceProgram): StartProgram;

  private async boot(instanceId: string, instance: Instance, first: boolean): Promise<void> {
    const { computeHost, asset } = this.options;
    const { userData } = instance;
    const { program, completes, notes } = readUserData(userData, asset);
    // A group's instances share their user data, so each problem is reported once.
    if (!this.reported.has(userData)) for (const note of notes) this.log(instanceId, 'stderr', note);
    this.reported.add(userData);
    instance.metadata = await computeHost.openMetadata(instanceId);
    if (instance.terminated) return;
    if (first) this.complete(instanceId, completes);
    if (program !== undefined) this.run(instanceId, instance, program, instance.metadata);
  }

  private run(instanceId: string, instance: Instance, program: WorkerProgram, metadata: MetadataService): void {
    const { clock } = this.options;
    instance.folders = [...program.assets.values()];
    const errors = new FirstError();
    const start = this.starter({
      instanceId,
      program,
      metadata,
      log: (stream, text) => {
        if (stream === 'stderr') errors.take(text);
        this.log(instanceId, stream, text);
      },
    });
    instance.service = new SupervisedService({
      clock,
      unit: program.unit,
      start: (ended) => {
        errors.clear();
        const running = start(ended);
        this.complete(instanceId, program.completes);
        return running;
      },
      failing: (failures, end, seconds) => {
        const why = errors.line ?? describeEnd(end);
        const retry = `next try in ${seconds} s, then less and less often`;
        this.log(instanceId, 'stderr', `${program.unit.name} failed ${failures} times at its start: ${why} (${retry})`);
      },
    });
    instance.service.start();
  }

  private async remove(instanceId: string, end: (service: SupervisedService) => Promise<void>): Promise<void> {
    const instance = this.instances.get(instanceId);
    if (instance === undefined) return;
    instance.terminated = true;
    await instance.booted;
    if (instance.service !== undefined) await end(instance.service);
    const { metadata } = instance;
    instance.metadata = undefined;
    await metadata?.close();
    if (this.instances.get(instanceId) === instance) this.instances.delete(instanceId);
  }

  private complete(instanceId: string, actions: readonly CompletedAction[]): void {
    for (const action of actions) {
      const trouble = this.options.completeAction?.(instanceId, action);
      if (trouble !== undefined) this.log(instanceId, 'stderr', `complete-lifecycle-action: ${trouble}`);
    }
  }

  private log(instanceId: string, stream: 'stdout' | 'stderr', text: string): void {
    const { clock, computeHost } = this.options;
    computeHost.log({ source: instanceId, stream, text, at: clock.now() });
  }
}

/**
 * The line of a program's error output that says what is wrong: the first that names an error, or else the first line.
 */
class FirstError {
  private first?: string;
  private named?: string;

  public get line(): string | undefined {
    return this.named ?? this.first;
  }

  public take(text: string): void {
    if (text.trim() !== '') this.first ??= text.trim();
    if (/^(Uncaught )?\w*(Error|Exception)\b/.test(text)) this.named ??= text.trim();
  }

  public clear(): void {
    this.first = this.named = undefined;
  }
}

function describeEnd({ code, signal }: ProgramEnd): string {
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}
