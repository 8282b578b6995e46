import { chosenStacks, checkParameters, parametersOf } from './chosen-stacks';
import { type GivenValues, provide, referencedSecret, storedParameter } from './given-values';
import { type Clock, HOUR, type Random, SECOND, type Timer } from '../clock';
import { projectDirectoryOf } from './project-directory';
import { LoadedAssemblies } from './loaded-assemblies';
import type { Regions } from '../region/regions';
import type { TemporaryFolders } from './temporary-folders';
import {
  type Assembly,
  AssemblyError,
  type AssemblyStack,
  type DeploymentContext,
  deploy,
  DeploymentError,
  readAssembly,
  ResourceOwners,
  type StackReport,
  undeploy,
} from '../cloudformation';
import { SERVICE_EVENTS } from '../core';
import { providerOf, type ServiceName } from '../services';
import type { Timeline } from '../timeline';

/** Dependencies of {@link Deployments}. */
export interface DeploymentsDependencies {
  readonly clock: Clock;
  readonly regions: Regions;
  readonly scratch: TemporaryFolders;
  readonly timeline: Timeline;
  readonly random: Random;
  /** The account of stacks that specify none. */
  readonly account: string;
  /** The Region of stacks that specify none. */
  readonly region: string;
  readonly endpointUrl: () => string;
  /** Whether to refuse a stack with anything that is not emulated. */
  readonly strict: boolean;
  readonly given: GivenValues;
}

/** Options of deleting a stack. */
export interface UnloadOptions {
  /**
   * Whether to delete Auto Scaling groups immediately, even if instances are protected from scale-in.
   * @default false
   */
  readonly force?: boolean;
}

/** Options of loading an app. */
export interface LoadOptions {
  /**
   * Values of the templates' parameters, by name: `Stage`, or `Orders:Stage` for that of one stack. They go before those
   * of the emulator.
   * @default - none
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * The stacks to deploy, with all that they depend on, by id or name; `Prod/*` are those of a stage.
   * @default - all
   */
  readonly stacks?: readonly string[];
  /**
   * Called for each stack that cannot be deployed, and each that depends on one; the others are deployed.
   * @default - the first such stack ends the load with its error
   */
  readonly onFailure?: (failure: StackFailure) => void;
}

/** A stack that could not be deployed. */
export interface StackFailure {
  readonly stackName: string;
  readonly error: Error;
}

/** How long CloudFormation waits for a resource, in emulated time. AWS does not document a limit. */
const STABILIZATION_TIMEOUT = HOUR;
/** How often CloudFormation checks. */
const STABILIZATION_INTERVAL = 15 * SECOND;

/** The stacks in the cloud. Loads, unloads and resets run one at a time, in the order of the calls. */
export class Deployments {
  /** The deployment report of each stack. */
  public readonly reports: StackReport[] = [];
  private readonly outputs = new Map<string, string>();
  private readonly owners = new ResourceOwners();
  private readonly loaded = new LoadedAssemblies();
  /** The running change, if any: each change waits for the one before it. */
  private changing: Promise<unknown> = Promise.resolve();
  private ended = false;
  /** The number of requested resets. */
  private resets = 0;
  /** Ends the wait of an unload, if one is waiting. */
  private hurry = (): void => undefined;

  constructor(private readonly dependencies: DeploymentsDependencies) {}

  /** Deploys the stacks of a cloud assembly or template, in dependency order. */
  public load(directory: string, options: LoadOptions = {}): Promise<StackReport[]> {
    return this.inTurn(() => this.deployAll(directory, options));
  }

  /**
   * Deletes a stack.
   * @throws {DeploymentError} if there is no such stack, or another one uses its exports
   */
  public unload(stackName: string, { force = false }: UnloadOptions = {}): Promise<void> {
    return this.inTurn(async () => {
      const place = this.reports.findIndex((report) => report.stackName === stackName);
      if (place === -1) {
        const names = this.reports.map((report) => report.stackName).join(', ') || 'none';
        throw new DeploymentError(stackName, '', `there is no such stack; deployed stacks: ${names}`);
      }
      const { account, region } = this.reports[place];
      const cloud = this.cloudAt(account, region, () => undefined);
      await undeploy(stackName, force ? cloud : { ...cloud, waitUntil: (done) => this.waitUntil(done) });
      this.reports.splice(place, 1);
      this.loaded.remove(`${account}/${region}/${stackName}`);
    });
  }

  /** Drops all Regions and redeploys what was loaded. */
  public reset(): Promise<void> {
    this.resets += 1;
    this.hurry();
    return this.inTurn(async () => {
      this.resets -= 1;
      const regions = this.dependencies.regions.takeAll();
      const { assemblies } = this.loaded;
      this.loaded.clear();
      this.reports.length = 0;
      this.outputs.clear();
      this.owners.clear();
      await Promise.all(regions.map((region) => region.drop()));
      this.dependencies.scratch.removeAll();
      for (const { directory, options } of assemblies) await this.deployAll(directory, options);
    });
  }

  /** Resolves when the running change has finished. No further changes are possible. */
  public async end(): Promise<void> {
    this.ended = true;
    this.hurry();
    await this.changing;
  }

  /**
   * Resolves to false after the timeout, or to true as soon as `done` returns true, or a reset or the end is requested.
   */
  private waitUntil(done: () => boolean): Promise<boolean> {
    const { clock } = this.dependencies;
    if (this.ended || this.resets > 0) return Promise.resolve(true);
    const deadline = clock.now() + STABILIZATION_TIMEOUT;
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const end = (result: boolean): void => {
        timer?.cancel();
        this.hurry = () => undefined;
        resolve(result);
      };
      const ask = (): void => {
        if (done()) end(true);
        else if (clock.now() >= deadline) end(false);
        else
          timer = clock.schedule(
            clock.now() + STABILIZATION_INTERVAL,
            ask,
            'CloudFormation checks whether a group is gone',
          );
      };
      this.hurry = () => end(true);
      ask();
    });
  }

  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.changing.then(() => {
      if (this.ended) throw new Error('the emulator has been stopped, so nothing can be deployed');
      return change();
    });
    this.changing = done.catch(() => undefined);
    return done;
  }

  private async deployAll(directory: string, options: LoadOptions): Promise<StackReport[]> {
    const { onFailure } = options;
    const assembly = readAssembly(directory, { lenient: onFailure !== undefined });
    const given = { ...this.dependencies.given.parameters, ...options.parameters };
    checkParameters(assembly.stacks, given);
    const reports: StackReport[] = [];
    const failed = new Set<string>();
    for (const stack of chosenStacks(assembly.stacks, options.stacks ?? [])) {
      try {
        const needed = stack.dependencies.find((id) => failed.has(id));
        if (needed !== undefined) throw new DeploymentError(stack.stackName, '', `it depends on ${needed}`);
        reports.push(await this.deployStack(stack, assembly, parametersOf(stack, given)));
        const { account, region } = reports[reports.length - 1];
        this.loaded.add(directory, `${account}/${region}/${stack.stackName}`, options);
      } catch (error) {
        const refused = error instanceof DeploymentError || error instanceof AssemblyError;
        if (onFailure === undefined || !refused) throw error;
        failed.add(stack.id);
        onFailure({ stackName: stack.stackName, error });
      }
    }
    return reports;
  }

  private async deployStack(
    stack: AssemblyStack,
    assembly: Assembly,
    parameters: Readonly<Record<string, string>>,
  ): Promise<StackReport> {
    if (stack.problem !== undefined) throw stack.problem;
    const { dependencies: ports } = this;
    const { account = ports.account, region = ports.region } = stack;
    ports.regions.at(account, region).services.s3.addAssets(assembly.asset);
    const projectDirectory = projectDirectoryOf(assembly.directory);
    const cloud = { ...this.cloudAt(account, region, assembly.asset), projectDirectory };
    provide(ports.given, ports.regions.at(account, region), cloud.call);
    const report = await deploy(stack, cloud, { strict: ports.strict, parameters });
    const place = this.reports.findIndex((before) => sameStack(before, report));
    if (place === -1) this.reports.push(report);
    else this.reports[place] = report;
    return report;
  }

  private cloudAt(account: string, region: string, asset: DeploymentContext['asset']): DeploymentContext {
    const { regions, scratch, timeline, random, endpointUrl } = this.dependencies;
    const place = regions.at(account, region);
    const call = place.cloudFormation(endpointUrl());
    const serviceIn = (name: string, of = place) => of.api[name as ServiceName];
    return {
      account,
      region,
      partition: 'aws',
      call,
      random: random.fork(`cloudformation/${account}/${region}`),
      serviceOf: (name, other) => serviceIn(name, other === undefined ? place : regions.at(account, other)),
      providerOf,
      parameter: (name) => storedParameter(place, name),
      secret: (reference) => referencedSecret(place, reference, call),
      exports: this.dependencies.given.exports,
      asset,
      scratchDirectory: (purpose) => scratch.make(purpose),
      stacks: place.stacks,
      owners: this.owners,
      timeline: timeline.in(`${account}/${region}`),
      serviceEvents: place.regionServices.use(SERVICE_EVENTS),
      outputs: this.outputs,
    };
  }
}

type StackPlace = Pick<StackReport, 'account' | 'region' | 'stackName'>;

function sameStack(one: StackPlace, other: StackPlace): boolean {
  return one.account === other.account && one.region === other.region && one.stackName === other.stackName;
}
