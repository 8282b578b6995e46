import type { Provider } from './contract';
import type { RequestContext } from '../../core';
import type { Random } from '../../clock';
import type { Timeline } from '../../timeline';
import type { DeployedStacks } from '../deployed-stack';
import type { ResourceOwners } from '../resource-owners';

/** Where stacks are deployed to: an account in a region, its services, and what stacks leave there. */
export interface DeploymentContext {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** `aws`, but for China and the closed regions. */
  readonly partition: string;
  /** In whose name the services are called. */
  readonly call: RequestContext;
  /** Names are drawn from it: the same seed gives the same names. */
  readonly random: Random;
  /** A service of this account, by its name, in the stack's Region or another. */
  serviceOf(name: string, region?: string): unknown;
  /** The provider of a resource type; undefined if the emulator has no such resources. */
  providerOf(type: string): Provider | undefined;
  /** The value of a parameter in the Parameter Store; undefined if there is none of that name. */
  parameter(name: string): string | undefined;
  /** The local file or folder of a published asset. */
  readonly asset: (bucket: string, key: string) => string | undefined;
  /** Makes an empty folder, kept as long as the emulator runs: for code that comes inline or in an archive. */
  scratchDirectory(purpose: string): string;
  /** The stacks of this account and region; deployments add to it. */
  readonly stacks: DeployedStacks;
  /** Which resource of which stack each physical resource belongs to, in all accounts and Regions. */
  readonly owners: ResourceOwners;
  /**
   * Lets emulated time pass until `done`, for as long as CloudFormation would. Resolves to false if that was too short.
   * Undefined if nothing may take time.
   */
  readonly waitUntil?: (done: () => boolean) => Promise<boolean>;
  /** Is told what deployments do. */
  readonly timeline: Timeline;
  /** The outputs of all stacks, of every account and region, keyed by {@link outputKey}; stacks add to it. */
  readonly outputs: Map<string, string>;
}

/** How an output of a stack is called in {@link DeploymentContext.outputs}. */
export function outputKey(account: string, region: string, stackName: string, outputName: string): string {
  return `${account}/${region}/${stackName}/${outputName}`;
}
