import type { Duplex } from 'node:stream';
import { type Clock, ClockScope, type Random, SystemClock } from './clock';
import { createProcessRunner, createSandboxRunner, InProcessFleet, type LogLine, ProcessFleet } from './compute';
import { Region, type RegionOptions, type RegionTuning } from './region';
import { RegionSurroundings } from './region-surroundings';
import type { Cloud } from './template';
import type { Timeline } from './timeline';

/** What a {@link RunningRegion} is made of. */
export interface RunningRegionOptions extends RegionTuning {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly compute: 'processes' | 'in-process';
  readonly endpointUrl: () => string;
  /** A connection in memory to the emulator's endpoint. */
  readonly connect: () => Duplex;
  readonly log: (line: LogLine) => void;
  readonly kmsElsewhere: RegionOptions['kmsElsewhere'];
}

/** A region's services, and what runs its handlers and workers. */
export class RunningRegion {
  public readonly services: Region;
  /** What its stacks export. */
  public readonly exports = new Map<string, string>();
  private readonly assets: Cloud['asset'][] = [];
  private readonly surroundings: RegionSurroundings;
  private readonly scope: ClockScope;
  private readonly fleet: ProcessFleet | InProcessFleet;
  private readonly functions: RegionOptions['functions'];

  constructor(options: RunningRegionOptions) {
    const { clock, random, account, region, compute, endpointUrl, connect, log } = options;
    this.surroundings = new RegionSurroundings({
      clock,
      random,
      account,
      region,
      ports: compute === 'processes',
      endpointUrl,
      connect,
      instance: (instanceId) => this.services.autoScaling.instance(instanceId),
      log,
    });
    const { surroundings } = this;
    const asset: Cloud['asset'] = (bucket, key) => this.asset(bucket, key);
    if (compute === 'in-process') {
      this.fleet = new InProcessFleet({ clock, random, surroundings, asset });
      this.functions = createSandboxRunner({ clock, random, surroundings });
    } else {
      if (!(clock instanceof SystemClock)) {
        throw new TypeError("compute 'processes' runs in the machine's time: it needs a SystemClock");
      }
      this.fleet = new ProcessFleet({ clock, surroundings, asset });
      this.functions = createProcessRunner({ clock, random, surroundings });
    }
    this.scope = new ClockScope(clock);
    this.services = new Region({ ...options, clock: this.scope, fleet: this.fleet, functions: this.functions });
  }

  /** The assets of another assembly are deployed here. */
  public addAssets(asset: Cloud['asset']): void {
    this.assets.push(asset);
  }

  /** Kills an instance's processes, if the instance is here. */
  public crashInstance(instanceId: string): void {
    this.fleet.crash(instanceId);
  }

  /** Ends all that runs. */
  public async stop(): Promise<void> {
    await this.services.stop();
    await Promise.all([this.fleet.stop(), this.functions.dispose()]);
    await this.surroundings.close();
  }

  /** Stops it, and ends all that still waits for something in it. */
  public async drop(): Promise<void> {
    await this.stop();
    this.services.endWaiting();
    this.scope.end();
  }

  private asset(bucket: string, key: string): string | undefined {
    for (const find of this.assets) {
      const found = find(bucket, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
