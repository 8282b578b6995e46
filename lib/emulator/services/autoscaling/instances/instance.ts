import type { LifecycleState } from '@aws-sdk/client-auto-scaling';
import type { Timer } from '../../../clock';
import type { Activity } from './activities';
import type { LaunchedInstance, LaunchTemplateData, LaunchTemplateVersion } from '../fleet';
import type { LifecycleHook } from '../hooks/lifecycle-hook';

/** A lifecycle hook that holds an instance up. */
export interface WaitingHook {
  readonly hook: LifecycleHook;
  readonly token: string;
  /** However often it is told to wait on, it doesn't beyond this instant. */
  readonly latest: number;
  timer: Timer;
}

/** Where an instance comes from or goes to, as lifecycle notifications name it. */
export type Whereabouts = 'EC2' | 'AutoScalingGroup' | 'WarmPool';

/** What an instance is launched from. */
export interface LaunchSource {
  readonly template: LaunchTemplateVersion;
  /** The type that overrides the template's. */
  readonly instanceType?: string;
  readonly spot: boolean;
}

/** The instance that takes another's place, which is terminated for this cause once it is in service. */
export interface Succession {
  readonly by: Instance;
  readonly cause: () => string;
}

/** What an instance is made of. */
export interface InstanceOptions {
  readonly instanceId: string;
  readonly groupName: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly source: LaunchSource;
  readonly launchedAt: number;
  readonly destination: Whereabouts;
  readonly protectedFromScaleIn: boolean;
  readonly activity: Activity;
}

/** An instance of a group, or of its warm pool. */
export class Instance implements LaunchedInstance {
  public readonly instanceId: string;
  public readonly groupName: string;
  public readonly availabilityZone: string;
  public readonly privateIp: string;
  public readonly source: LaunchSource;
  public readonly launchTemplate: LaunchTemplateData;
  public readonly launchedAt: number;
  public state: LifecycleState = 'Pending';
  /** Where it was before what goes on with it now. */
  public origin: Whereabouts = 'EC2';
  /** Where it is, or is on its way to. */
  public destination: Whereabouts;
  /** When it went into service; undefined before. */
  public inServiceAt?: number;
  public hasBooted = false;
  /** What told that it is unhealthy, as causes of activities say it; undefined as long as it is healthy. */
  public unhealthyBecause?: string;
  /** Whether it has vanished: EC2 no longer has it, and the group will find out. */
  public isGone = false;
  public protectedFromScaleIn: boolean;
  public booting?: Timer;
  /** When EC2 will take the Spot Instance back; undefined as long as it has not said so. */
  public interruptedAt?: number;
  /** When EC2 recommended to rebalance, as it does when a Spot Instance is at risk. */
  public rebalanceRecommendedAt?: number;
  public succession?: Succession;
  /** What the group does with it at the moment: launches or terminates it. */
  public activity: Activity;
  /** The hooks that it waits for. */
  public readonly waitingFor = new Map<string, WaitingHook>();
  /** The launch hooks that don't hold it, as they came after its launch. */
  public readonly passes = new Set<string>();

  constructor(options: InstanceOptions) {
    const { source } = options;
    this.instanceId = options.instanceId;
    this.groupName = options.groupName;
    this.availabilityZone = options.availabilityZone;
    this.privateIp = options.privateIp;
    this.source = source;
    this.launchTemplate = {
      ...source.template.data,
      ...(source.instanceType !== undefined && { instanceType: source.instanceType }),
    };
    this.launchedAt = options.launchedAt;
    this.destination = options.destination;
    this.protectedFromScaleIn = options.protectedFromScaleIn;
    this.activity = options.activity;
  }

  public get isHealthy(): boolean {
    return this.unhealthyBecause === undefined;
  }

  /** Whether it is on its way in, or in service: whether it counts towards the group's capacity. */
  public get counts(): boolean {
    return this.state === 'InService' || this.state.startsWith('Pending');
  }

  /** Whether it is in the warm pool, or on its way there from outside the group, or out of it for good. */
  public get inPool(): boolean {
    return this.state.startsWith('Warmed:');
  }

  /** Whether it waits in the warm pool to be used. */
  public get isPrepared(): boolean {
    return ['Warmed:Stopped', 'Warmed:Running', 'Warmed:Hibernated'].includes(this.state);
  }

  /** Whether it is being terminated, or was. */
  public get isEnding(): boolean {
    return this.destination === 'EC2' && this.state.includes('Terminat') && !this.isRetained;
  }

  /** Whether it has been taken out of service and is kept, until somebody terminates it. */
  public get isRetained(): boolean {
    return this.state.endsWith(':Retained');
  }

  /** Whether it has been in service for `warmup` milliseconds. */
  public isWarm(now: number, warmup: number): boolean {
    return this.state === 'InService' && this.inServiceAt !== undefined && now >= this.inServiceAt + warmup;
  }
}

/** Whether two instances are launched from the same: template, version, type and way of paying. */
export function isSameSource(a: LaunchSource, b: LaunchSource): boolean {
  return (
    a.template.launchTemplateId === b.template.launchTemplateId &&
    a.template.version === b.template.version &&
    a.instanceType === b.instanceType
  );
}
