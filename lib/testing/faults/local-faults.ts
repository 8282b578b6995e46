import { Random, type RequestFault } from '../../emulator';
import type { LocalGroup } from '../../emulator/services/autoscaling/testing/local-group';
import type { LocalFunction } from '../../emulator/services/lambda/testing/local-function';
import type { LocalQueue } from '../../emulator/services/sqs/testing/local-queue';
import { milliseconds, type ResourceReference, type TimeSpan } from '../../emulator/testing';
import type { CloudContext } from '../cloud-context';
import { checkHandle, isHandle } from '../kinds';
import { Fault } from './fault';
import { type FaultMoments, type FaultWindow, type Instants, instantsOf } from './fault-times';
import { type RequestFaultOptions, selectRequests } from './request-selection';

/** Which queues misbehave, when, and how likely that is for each message. */
export interface QueueFaultOptions extends FaultWindow {
  /**
   * The queue. FIFO queues are not affected.
   * @default - all standard queues in the account and Region of the app's first stack
   */
  readonly on?: LocalQueue;
  /** The probability for each message: more than 0, less than 1. */
  readonly chance: number;
}

/** When instances are interrupted, and with how much notice. */
export interface InterruptionFaultOptions extends FaultMoments {
  /**
   * The time from the notice until the end.
   * @default - two minutes, as for Spot Instances
   */
  readonly notice?: TimeSpan;
}

type Anomaly = 'duplicates' | 'reordering' | 'emptyReceives';

/**
 * Faults that a test injects in a local cloud: at an instant, in a window of time, or by chance. Chance is drawn from
 * the cloud's seed, so that it can be repeated.
 *
 * Request faults use AWS's own errors, and affect SDK clients as well as Lambda's pollers and modelled workers, but not
 * what the test does through the cloud itself (`cloud.queue(jobs).send`).
 */
export class LocalFaults {
  private readonly random: Random;

  /** @internal */
  constructor(
    private readonly context: CloudContext,
    seed: number,
  ) {
    this.random = new Random(seed).fork('faults');
  }

  /** Throttles requests: `RequestThrottled`, `TooManyRequestsException` and the like. */
  public throttle(which: RequestFaultOptions = {}): Fault {
    return this.requests('throttle', which);
  }

  /** Fails requests: with an internal error (500), or because the service is unavailable (503). */
  public fail(which: RequestFaultOptions & { readonly status?: 500 | 503 } = {}): Fault {
    const { status = 500 } = which;
    if (status !== 500 && status !== 503) throw new RangeError(`status must be 500 or 503, but was ${String(status)}`);
    return this.requests(status === 500 ? 'fail' : 'unavailable', which);
  }

  /** Delays requests. Lambda's pollers and modelled workers do not wait for their deletes. */
  public delay(by: TimeSpan, which: RequestFaultOptions = {}): Fault {
    return this.requests('delay', which, milliseconds(by, 'by'));
  }

  /**
   * Serves requests and loses the responses: the connection closes. Messages of a lost ReceiveMessage stay hidden until
   * their visibility timeout, though no consumer has them.
   */
  public loseAnswers(which: RequestFaultOptions = {}): Fault {
    return this.requests('loseAnswer', which);
  }

  /** Makes standard queues redeliver messages that are in flight or were deleted. */
  public duplicate(which: QueueFaultOptions): Fault {
    return this.anomaly('duplicates', which);
  }

  /** Makes standard queues reorder messages. */
  public reorder(which: QueueFaultOptions): Fault {
    return this.anomaly('reordering', which);
  }

  /** Makes short polls of standard queues return nothing, though there are messages. */
  public hideMessages(which: QueueFaultOptions): Fault {
    return this.anomaly('emptyReceives', which);
  }

  /**
   * Crashes workers or handlers. For a group: the worker on one of the instances in service, chosen at random; its
   * supervisor restarts it. For a function: all running invocations, which fail with `Runtime.ExitError`.
   */
  public crash(target: LocalGroup | LocalFunction, when: FaultMoments = {}): Fault {
    checkHandle(target, 'what crashes', 'group', 'function');
    if (isHandle('function', target)) {
      return this.moments(when, async (fault) => {
        const crashed = await target.crash();
        for (let each = 0; each < crashed; each++) fault.happens();
        this.record('crash', target, `${crashed} of its invocations crash`);
      });
    }
    return this.instances(target, when, 'crash', (id) => target.crash(id), 'the worker of an instance crashes');
  }

  /**
   * Makes an instance disappear, as if its hardware failed. The group notices at its next health check, and replaces
   * it.
   */
  public kill(group: LocalGroup, when: FaultMoments = {}): Fault {
    const { emulator } = this.context;
    return this.instances(group, when, 'kill', (id) => emulator.killInstance(id), 'an instance disappears');
  }

  /** Interrupts an instance as EC2 interrupts Spot Instances, whether or not it is one, with a notice. */
  public interrupt(group: LocalGroup, when: InterruptionFaultOptions = {}): Fault {
    const { emulator } = this.context;
    const notice = when.notice === undefined ? undefined : milliseconds(when.notice, 'notice');
    const act = (id: string) => emulator.interruptInstance(id, { notice });
    return this.instances(group, when, 'interrupt', act, 'an instance is to be interrupted');
  }

  /**
   * Disables a KMS key, and enables it again when the time is over. Queues keep using their data keys for the reuse
   * period.
   *
   * @param key its construct, one that holds it (`encryptionKey`), its logical id, path, id or ARN
   */
  public disableKey(key: ResourceReference, when: FaultWindow = {}): Fault {
    const { emulator } = this.context;
    const identity = this.context.identify('key', key);
    const { name } = identity;
    const place = { account: identity.account, region: identity.region };
    const regionHandle = emulator.region(place.account, place.region);
    const { from, until, chance } = instantsOf(when, this.context.clock.now());
    let disabled = false;
    const enable = () => {
      if (!disabled) return;
      disabled = false;
      regionHandle.enableKey(name, true);
      this.record('key', { name, place }, 'the key is enabled again');
    };
    const fault = new Fault(() => {
      cancel();
      enable();
    });
    const cancel = this.within(
      { from, until, chance },
      () => {
        if (chance < 1 && this.random.next() >= chance) return;
        regionHandle.enableKey(name, false);
        disabled = true;
        fault.happens();
        this.record('key', { name, place }, 'the key is disabled');
      },
      enable,
    );
    return fault;
  }

  private requests(kind: RequestFault['kind'], which: RequestFaultOptions, delay?: number): Fault {
    const { emulator, clock } = this.context;
    const fault = new Fault(() => end());
    const end = emulator.faults.add({
      kind,
      delay,
      ...selectRequests(emulator, which),
      ...instantsOf(which, clock.now()),
      onApplied: () => fault.happens(),
    });
    return fault;
  }

  private anomaly(what: Anomaly, { on, ...when }: QueueFaultOptions): Fault {
    if (on !== undefined) checkHandle(on, 'on', 'queue');
    const { emulator, clock } = this.context;
    const instants = instantsOf(when, clock.now());
    const { chance } = instants;
    if (!(chance < 1)) throw new RangeError(`chance must be more than 0 and less than 1, but was ${chance}`);
    const { account, region } = on?.place ?? this.context.home();
    const regionHandle = emulator.region(account, region);
    let endAnomaly = () => {};
    const fault = new Fault(() => {
      cancel();
      endAnomaly();
    });
    const begin = () => {
      const anomaly = { [what]: chance, queue: on?.name, onApplied: () => fault.happens() };
      endAnomaly = regionHandle.addAnomalies(anomaly);
    };
    const cancel = this.within(instants, begin, () => endAnomaly());
    return fault;
  }

  private instances(
    group: LocalGroup,
    when: FaultMoments,
    kind: string,
    act: (instanceId: string) => void,
    what: string,
  ): Fault {
    checkHandle(group, 'the group', 'group');
    return this.moments(when, (fault) => {
      const serving = group.instances.filter(({ state }) => state === 'InService');
      if (serving.length === 0) {
        this.record(kind, group, `${what}: none is in service, so nothing happens`);
        return;
      }
      act(serving[this.random.integer(0, serving.length - 1)].id);
      fault.happens();
      this.record(kind, group, what);
    });
  }

  /** Runs `act` at moments, each with its chance. */
  private moments(when: FaultMoments, act: (fault: Fault) => void | Promise<void>): Fault {
    const { clock } = this.context;
    const { from, until, chance } = instantsOf(when, clock.now());
    const every = when.every === undefined ? undefined : milliseconds(when.every, 'every');
    if (every !== undefined && !(every > 0)) throw new RangeError(`every must be more than 0, but was ${every}`);
    const happen = (at: number): void | Promise<void> => {
      if (every !== undefined && at + every < until) timer = clock.schedule(at + every, () => happen(at + every), WHAT);
      if (chance < 1 && this.random.next() >= chance) return;
      return act(fault);
    };
    let timer = clock.schedule(from, () => happen(from), WHAT);
    const fault = new Fault(() => timer.cancel());
    return fault;
  }

  /**
   * Calls `begin` and `end` at their instants, immediately if they have passed. Returns a function that cancels what is
   * to come.
   */
  private within({ from, until }: Instants, begin: () => void, end: () => void): () => void {
    const { clock } = this.context;
    if (from <= clock.now()) begin();
    const beginning = from <= clock.now() ? undefined : clock.schedule(from, begin, WHAT);
    const ending = until === Infinity ? undefined : clock.schedule(until, end, WHAT);
    return () => {
      beginning?.cancel();
      ending?.cancel();
    };
  }

  private record(kind: string, { name, place }: Faulted, what: string): void {
    this.context.emulator.timeline.in(`${place.account}/${place.region}`).record(`fault.${kind}`, name, { what });
  }
}

interface Faulted {
  readonly name: string;
  readonly place: { readonly account: string; readonly region: string };
}

const WHAT = 'an injected fault';
