import type { LifecycleState } from '@aws-sdk/client-auto-scaling';
import type { Timer } from '../../../clock';
import type { Activity } from './activities';
import type { LaunchedInstance, LaunchTemplateData, LaunchTemplateVersion } from '../fleet';
import type { LifecycleHook } from '../hooks/lifecycle-hook';

/** A lifecycle hook for which an instance waits. */
export interface WaitingHook {
  readonly hook: LifecycleHook;
  readonly token: string;
  /** The global timeout: heartbeats cannot extend the wait beyond it. */
  readonly latest: number;
  timer: Timer;
}

/** An instance's origin or destination, as lifecycle notifications name it. */
export type Whereabouts = 'EC2' | 'AutoScalingGroup' | 'WarmPool';

/** What an instance is launched from. */
export interface LaunchSource {
  readonly template: LaunchTemplateVersion;
  /** The instance type that overrides the template's. */
  readonly instanceType?: string;
  readonly spot: boolean;
}

/** The instance that this one replaces, and the cause of its termination once this one is in service. */
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
  /** Its location before the current transition. */
  public origin: Whereabouts = 'EC2';
  /** Its location, or that to which it is moving. */
  public destination: Whereabouts;
  /** When it went into service; undefined before. */
  public inServiceAt?: number;
  public hasBooted = false;
  /** Why it is unhealthy, as causes word it; undefined if it is healthy. */
  public unhealthyBecause?: string;
  /** Whether it has vanished: EC2 no longer has it, and the group has yet to notice. */
  public isGone = false;
  public protectedFromScaleIn: boolean;
  public booting?: Timer;
  /** When EC2 interrupts the Spot Instance; undefined until the notice. */
  public interruptedAt?: number;
  /** When EC2 sent a rebalance recommendation. */
  public rebalanceRecommendedAt?: number;
  public succession?: Succession;
  /** Its current or last scaling activity. */
  public activity: Activity;
  /** The hooks that it waits for. */
  public readonly waitingFor = new Map<string, WaitingHook>();
  /** The launch hooks that it skips, as they were created after its launch. */
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

  /** Whether it counts towards the capacity: it is launching or in service. */
  public get counts(): boolean {
    return this.state === 'InService' || this.state.startsWith('Pending');
  }

  /** Whether it is in the warm pool, or entering it or leaving it for good. */
  public get inPool(): boolean {
    return this.state.startsWith('Warmed:');
  }

  /** Whether it is ready in the warm pool. */
  public get isPrepared(): boolean {
    return ['Warmed:Stopped', 'Warmed:Running', 'Warmed:Hibernated'].includes(this.state);
  }

  /** Whether it is terminating or terminated. */
  public get isEnding(): boolean {
    return this.destination === 'EC2' && this.state.includes('Terminat') && !this.isRetained;
  }

  /** Whether it is retained: out of service until a user terminates it. */
  public get isRetained(): boolean {
    return this.state.endsWith(':Retained');
  }

  /** Whether it has been in service for `warmup` milliseconds. */
  public isWarm(now: number, warmup: number): boolean {
    return this.state === 'InService' && this.inServiceAt !== undefined && now >= this.inServiceAt + warmup;
  }
}

/** Whether two launch sources are equal: template, version, type and purchase option. */
export function isSameSource(a: LaunchSource, b: LaunchSource): boolean {
  return (
    a.template.launchTemplateId === b.template.launchTemplateId &&
    a.template.version === b.template.version &&
    a.instanceType === b.instanceType
  );
}
