import type { Provider } from './contract';
import type { RequestContext, ServiceEvents } from '../../core';
import type { Random } from '../../clock';
import type { Timeline } from '../../timeline';
import type { DeployedStacks } from '../deployed-stack';
import type { ResourceOwners } from '../resource-owners';

/** The account and Region that stacks are deployed to, with its services and its stacks. */
export interface DeploymentContext {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** `aws`, except in China and the isolated Regions. */
  readonly partition: string;
  /** The caller of the services. */
  readonly call: RequestContext;
  /** The source of random names: the same seed gives the same names. */
  readonly random: Random;
  /** A service of this account, by its name, in the stack's Region or another. */
  serviceOf(name: string, region?: string): unknown;
  /** The provider of a resource type; undefined if the emulator has no such resources. */
  providerOf(type: string): Provider | undefined;
  /** The value of a parameter in the Parameter Store; undefined if there is none of that name. */
  parameter(name: string): string | undefined;
  /** The value of a dynamic reference to a secret, without `secretsmanager:`; undefined if there is none. */
  secret(reference: string): string | undefined;
  /** Exports of stacks that are not here. @default - none */
  readonly exports?: Readonly<Record<string, string>>;
  /** The local file or folder of a published asset. */
  readonly asset: (bucket: string, key: string) => string | undefined;
  /**
   * The folder of the project that the stack belongs to, whose `node_modules` its functions use.
   * @default - the working directory
   */
  readonly projectDirectory?: string;
  /** Creates an empty folder for code that comes inline or in an archive. It is kept as long as the emulator runs. */
  scratchDirectory(purpose: string): string;
  /** The stacks of this account and region; deployments add to it. */
  readonly stacks: DeployedStacks;
  /** Which resource of which stack each physical resource belongs to, in all accounts and Regions. */
  readonly owners: ResourceOwners;
  /**
   * Waits in emulated time until `done`, for as long as CloudFormation would. Resolves to false on a timeout. Undefined
   * if deployments take no time.
   */
  readonly waitUntil?: (done: () => boolean) => Promise<boolean>;
  /** Receives the events of deployments. */
  readonly timeline: Timeline;
  /** Takes the events that CloudFormation emits to EventBridge. */
  readonly serviceEvents: ServiceEvents;
  /** The outputs of all stacks, of every account and region, keyed by {@link outputKey}; stacks add to it. */
  readonly outputs: Map<string, string>;
}

/** The key of a stack's output in {@link DeploymentContext.outputs}. */
export function outputKey(account: string, region: string, stackName: string, outputName: string): string {
  return `${account}/${region}/${stackName}/${outputName}`;
}
