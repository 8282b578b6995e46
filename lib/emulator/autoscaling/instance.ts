import type { LifecycleState } from '@aws-sdk/client-auto-scaling';
import type { Timer } from '../clock';
import type { Activity } from './activities';
import type { LaunchedInstance, LaunchTemplateData } from './fleet';
import type { LifecycleHook } from './lifecycle-hook';

/** A lifecycle hook that holds an instance up. */
export interface WaitingHook {
  readonly hook: LifecycleHook;
  readonly token: string;
  /** However often it is told to wait on, it doesn't beyond this instant. */
  readonly latest: number;
  timer: Timer;
}

/** An instance of a group. */
export class Instance implements LaunchedInstance {
  public state: LifecycleState = 'Pending';
  /** When it went into service; undefined before. */
  public inServiceAt?: number;
  public hasBooted = false;
  public isHealthy = true;
  public booting?: Timer;
  /** The hooks that it waits for. */
  public readonly waitingFor = new Map<string, WaitingHook>();
  public readonly groupName: string;

  constructor(
    public readonly instanceId: string,
    public readonly availabilityZone: string,
    public readonly privateIp: string,
    public readonly launchTemplate: LaunchTemplateData,
    group: { readonly name: string },
    public readonly launchedAt: number,
    public protectedFromScaleIn: boolean,
    /** What the group does with it at the moment: launches or terminates it. */
    public activity: Activity,
  ) {
    this.groupName = group.name;
  }

  /** Whether it is on its way in, or in service: whether it counts towards the group's capacity. */
  public get counts(): boolean {
    return this.state === 'InService' || this.state.startsWith('Pending');
  }

  /** Whether it has been in service for `warmup` milliseconds. */
  public isWarm(now: number, warmup: number): boolean {
    return this.state === 'InService' && this.inServiceAt !== undefined && now >= this.inServiceAt + warmup;
  }
}
