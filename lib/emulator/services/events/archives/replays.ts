import type {
  CancelReplayRequest,
  CancelReplayResponse,
  DescribeReplayRequest,
  DescribeReplayResponse,
  ListReplaysRequest,
  ListReplaysResponse,
  Replay as ReplayEntry,
  ReplayDestination,
  ReplayState,
  StartReplayRequest,
  StartReplayResponse,
} from '@aws-sdk/client-eventbridge';
import { formatArn } from '../../../core';
import { type Clock, SECOND, type Timer } from '../../../clock';
import type { BusEvent } from '../bus-event';
import { alreadyExists, limitExceeded, resourceNotFound, validation } from '../errors';
import { LIMITS } from '../limits';
import { checkName, listed } from '../validation';
import type { Archive } from './archive';

/** The collaborators of {@link Replays}. */
export interface ReplaysDependencies {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  readonly archive: (arn: string) => Archive | undefined;
  /** Puts an event on a bus again, for certain rules only if any are given. */
  readonly replay: (busName: string, event: BusEvent, ruleArns: readonly string[]) => void;
}

interface Replay {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly archiveArn: string;
  readonly destination: ReplayDestination;
  readonly from: number;
  readonly to: number;
  readonly startedAt: number;
  state: ReplayState;
  lastReplayedAt?: number;
  endedAt?: number;
  timer?: Timer;
}

/** How long a replay takes to start. AWS publishes no figure; it replays as fast as it can. */
const START_TIME = SECOND;

const ACTIVE: ReadonlySet<ReplayState> = new Set(['STARTING', 'RUNNING']);

/** The replays of an account and Region. */
export class Replays {
  private readonly replays = new Map<string, Replay>();

  constructor(private readonly dependencies: ReplaysDependencies) {}

  public start(input: StartReplayRequest): StartReplayResponse {
    const { clock, account, region } = this.dependencies;
    const { ReplayName: name = '', EventSourceArn: archiveArn = '', Destination } = input;
    checkName('replayName', name);
    const archive = this.dependencies.archive(archiveArn);
    if (archive === undefined) throw resourceNotFound(`Archive ${nameIn(archiveArn)} does not exist.`);
    if (this.replays.has(name)) throw alreadyExists(`Replay ${name}`);
    const [from, to] = [Number(input.EventStartTime), Number(input.EventEndTime)];
    if (from >= to) {
      throw validation('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.');
    }
    if (Destination?.Arn !== archive.sourceArn) {
      throw validation('Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.');
    }
    const active = [...this.replays.values()].filter(({ state }) => ACTIVE.has(state));
    if (active.length >= LIMITS.activeReplays) throw limitExceeded();
    const replay: Replay = {
      name,
      arn: formatArn('events', region, account, `replay/${name}`),
      description: input.Description,
      archiveArn,
      destination: { ...Destination },
      ...{ from, to },
      startedAt: clock.now(),
      state: 'STARTING',
    };
    replay.timer = clock.schedule(clock.now() + START_TIME, () => this.run(replay, archive), 'a replay starts');
    this.replays.set(name, replay);
    return { ReplayArn: replay.arn, State: replay.state, ReplayStartTime: new Date(replay.startedAt) };
  }

  public cancel({ ReplayName }: CancelReplayRequest): CancelReplayResponse {
    const replay = this.named(ReplayName);
    if (!ACTIVE.has(replay.state)) {
      throw validation(`Replay ${replay.name} is not in a valid state for this operation.`);
    }
    replay.timer?.cancel();
    replay.state = 'CANCELLED';
    replay.endedAt = this.dependencies.clock.now();
    return { ReplayArn: replay.arn, State: replay.state };
  }

  public describe({ ReplayName }: DescribeReplayRequest): DescribeReplayResponse {
    const replay = this.named(ReplayName);
    const { arn, description, destination } = replay;
    return { ReplayArn: arn, Description: description, Destination: destination, ...shown(replay) };
  }

  public list(input: ListReplaysRequest): ListReplaysResponse {
    const { NamePrefix: prefix = '', EventSourceArn: source, State } = input;
    const all = [...this.replays.values()]
      .filter(({ name, archiveArn }) => name.startsWith(prefix) && (source === undefined || archiveArn === source))
      .filter(({ state }) => State === undefined || state === State)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, nextToken } = listed(all, input);
    return { Replays: items.map(shown), NextToken: nextToken };
  }

  public stop(): void {
    for (const { timer } of this.replays.values()) timer?.cancel();
  }

  private run(replay: Replay, archive: Archive): void {
    const { clock } = this.dependencies;
    replay.state = 'RUNNING';
    const { from, to, name, destination } = replay;
    // A copy: what the replay causes may be archived meanwhile.
    for (const event of [...archive.events(clock.now())]) {
      if (event.ingestedAt < from || event.ingestedAt > to) continue;
      const again = event.again({ replayName: name, ingestedAt: clock.now() });
      this.dependencies.replay(archive.busName, again, destination.FilterArns ?? []);
      replay.lastReplayedAt = event.ingestedAt;
    }
    replay.state = 'COMPLETED';
    replay.endedAt = clock.now();
  }

  private named(name = ''): Replay {
    const replay = this.replays.get(name);
    if (replay === undefined) throw resourceNotFound(`Replay ${name} does not exist.`);
    return replay;
  }
}

function shown(replay: Replay): ReplayEntry {
  const date = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant));
  return {
    ReplayName: replay.name,
    EventSourceArn: replay.archiveArn,
    State: replay.state,
    EventStartTime: date(replay.from),
    EventEndTime: date(replay.to),
    EventLastReplayedTime: date(replay.lastReplayedAt),
    ReplayStartTime: date(replay.startedAt),
    ReplayEndTime: date(replay.endedAt),
  };
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
