import { AnswerLost, type AwsError, type RequestContext } from '../core';
import type { Clock, Random } from '../clock';
import { failedInside, type FaultyService, throttled, unavailable } from './fault-errors';
import type { Timeline } from '../timeline';

/** Which requests a fault befalls, when, and how. */
export interface RequestFault {
  /**
   * What happens to a request: AWS refuses it because there are too many, fails inside (500), or is unavailable (503);
   * it comes late; or it is served, and its answer gets lost.
   */
  readonly kind: 'throttle' | 'fail' | 'unavailable' | 'delay' | 'loseAnswer';
  /** @default - any */
  readonly service?: FaultyService;
  /**
   * As the API names them: `ReceiveMessage`.
   * @default - any
   */
  readonly actions?: readonly string[];
  /**
   * The name of the queue, function, group, alarm or key that the request is about.
   * @default - any
   */
  readonly resource?: string;
  /**
   * By how many milliseconds it comes late.
   * @default 0
   */
  readonly delay?: number;
  /** When it begins and ends, in emulated milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /**
   * With what probability a request is befallen.
   * @default 1
   */
  readonly chance?: number;
  /**
   * How many requests it befalls at most.
   * @default - any number
   */
  readonly times?: number;
  /** Called each time. */
  readonly onApplied?: () => void;
}

/** What {@link RequestFaults} needs. */
export interface RequestFaultsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
}

interface Served {
  readonly service: FaultyService;
  readonly action: string;
  readonly input: object;
  readonly call: RequestContext;
}

type ServiceMethod = (input: object, call: RequestContext) => unknown;

/** The members by which inputs name what they are about, and how to get at the name. */
const NAMING: Readonly<Record<string, (value: string) => string | undefined>> = {
  QueueUrl: (url) => url.split('/').at(-1),
  QueueName: (name) => name,
  SourceArn: (arn) => arn.split(':').at(-1),
  FunctionName: functionName,
  AutoScalingGroupName: (name) => name,
  AlarmName: (name) => name,
  AlarmNames: (name) => name,
  KeyId: (idOrArn) => idOrArn.split('/').at(-1),
};

const WORDS: Readonly<Record<RequestFault['kind'], string>> = {
  throttle: 'is throttled',
  fail: 'fails inside AWS',
  unavailable: 'finds the service unavailable',
  delay: 'comes late',
  loseAnswer: 'is served, and its answer gets lost',
};

/**
 * Faults between callers and services: what the emulator's own pollers feel as well as SDK clients do, and with AWS's own
 * errors. The same seed, the same faults.
 */
export class RequestFaults {
  private faults: { readonly fault: RequestFault; left: number }[] = [];

  private used = false;

  constructor(private readonly dependencies: RequestFaultsDependencies) {}

  /** Whether there has ever been one. */
  public get any(): boolean {
    return this.used;
  }

  /** Adds a fault. Gives a function that ends it before its time. */
  public add(fault: RequestFault): () => void {
    this.used = true;
    const now = this.dependencies.clock.now();
    this.faults = this.faults.filter(({ fault, left }) => fault.until > now && left > 0); // the others are over
    const entry = { fault, left: fault.times ?? Infinity };
    this.faults.push(entry);
    return () => {
      const index = this.faults.indexOf(entry);
      if (index >= 0) this.faults.splice(index, 1);
    };
  }

  /**
   * A service as its callers reach it: the same, with the faults in between.
   *
   * @param only the actions that faults may befall; without it, all
   */
  public between<T extends object>(service: FaultyService, state: T, only?: readonly (keyof T)[]): T {
    const methods = new Map<PropertyKey, unknown>();
    return new Proxy(state, {
      get: (target, name) => {
        const known = methods.get(name);
        if (known !== undefined) return known;
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const method = member.bind(target) as ServiceMethod;
        const befallen = only === undefined || only.includes(name as keyof T);
        const action = String(name)[0].toUpperCase() + String(name).slice(1);
        const served: ServiceMethod = befallen
          ? (input, call) => this.serve({ service, action, input, call }, () => method(input, call))
          : method;
        methods.set(name, served);
        return served;
      },
    });
  }

  private serve(request: Served, act: () => unknown): unknown {
    if (this.faults.length === 0) return act();
    const faults = this.affecting(request);
    const delay = faults.reduce((sum, { kind, delay: by = 0 }) => sum + (kind === 'delay' ? by : 0), 0);
    if (delay > 0) return this.late(delay, () => this.decide(faults, request, act));
    return this.decide(faults, request, act);
  }

  private decide(faults: readonly RequestFault[], { service }: Served, act: () => unknown): unknown {
    const refusal = faults.find(({ kind }) => kind !== 'delay' && kind !== 'loseAnswer');
    if (refusal !== undefined) throw errorOf(refusal.kind, service);
    const output = act();
    if (!faults.some(({ kind }) => kind === 'loseAnswer')) return output;
    if (isPromise(output)) {
      return output.then(() => {
        throw new AnswerLost();
      });
    }
    throw new AnswerLost();
  }

  private late(delay: number, act: () => unknown): Promise<unknown> {
    const { clock } = this.dependencies;
    const what = 'a request that a fault has delayed arrives';
    const late = new Promise<void>((arrive) => clock.schedule(clock.now() + delay, arrive, what)).then(act);
    late.catch(() => undefined); // a poller does not wait for what it deletes
    return late;
  }

  /** The faults that befall this request: their lots are drawn, and they are told. */
  private affecting({ service, action, input, call }: Served): RequestFault[] {
    const { clock, random, timeline } = this.dependencies;
    const now = clock.now();
    const found: RequestFault[] = [];
    for (const entry of this.faults) {
      const { fault } = entry;
      if (now < fault.from || now >= fault.until || entry.left === 0) continue;
      if ((fault.service ?? service) !== service || fault.actions?.includes(action) === false) continue;
      if (fault.resource !== undefined && !isAbout(input, fault.resource)) continue;
      if ((fault.chance ?? 1) < 1 && random.next() >= (fault.chance ?? 1)) continue;
      entry.left--;
      fault.onApplied?.();
      found.push(fault);
      timeline.in(`${call.account}/${call.region}`).record(`fault.${fault.kind}`, fault.resource ?? '', {
        service,
        action,
        what: `${action} ${WORDS[fault.kind]}`,
      });
    }
    return found;
  }
}

function errorOf(kind: RequestFault['kind'], service: FaultyService): AwsError {
  if (kind === 'throttle') return throttled(service);
  return kind === 'fail' ? failedInside(service) : unavailable();
}

function isAbout(input: object, resource: string): boolean {
  const members = input as Readonly<Record<string, unknown>>;
  return Object.entries(NAMING).some(([member, nameOf]) =>
    [members[member]].flat().some((value) => typeof value === 'string' && nameOf(value) === resource),
  );
}

/** Of a name, an ARN or a part of one, each with or without a version or an alias. */
function functionName(reference: string): string | undefined {
  const parts = reference.split(':');
  return parts[parts.indexOf('function') + 1];
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}
