import { AnswerLost, AwsError, isPromise, type Interceptor, type ServiceRequest } from '../core';
import type { Clock, Random } from '../clock';
import type { Timeline } from '../timeline';

/** A fault: which requests it affects, when, and how. */
export interface RequestFault {
  /** The effect on a request: throttled, failed (500), unavailable (503), delayed, or served with its response lost. */
  readonly kind: 'throttle' | 'fail' | 'unavailable' | 'delay' | 'loseAnswer';
  /** @default - any service */
  readonly service?: string;
  /**
   * The actions' API names, such as `ReceiveMessage`.
   * @default - any action
   */
  readonly actions?: readonly string[];
  /**
   * The name of the queue, function, group, alarm or key that the request is for.
   * @default - any resource
   */
  readonly resource?: string;
  /**
   * The delay in milliseconds.
   * @default 0
   */
  readonly delay?: number;
  /** When the fault begins and ends, in emulated milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /**
   * The probability that a request is affected.
   * @default 1
   */
  readonly chance?: number;
  /**
   * The maximum number of affected requests.
   * @default - no limit
   */
  readonly times?: number;
  /** Called for each affected request. */
  readonly onApplied?: () => void;
}

/** How a service's requests fail on AWS. */
export interface FaultyService {
  readonly errors?: {
    throttled(): AwsError;
    readonly internal: { readonly shape: string; readonly queryCode?: string };
  };
  readonly resourcesOf?: (input: Readonly<Record<string, unknown>>) => readonly string[];
}

/** Dependencies of {@link RequestFaults}. */
export interface RequestFaultsDependencies {
  /** The services, by name. */
  readonly services: ReadonlyMap<string, FaultyService>;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
}

const UNAVAILABLE = { status: 503, fault: 'Receiver' } as const;
const FAILED = { status: 500, fault: 'Receiver' } as const;

const WORDS: Readonly<Record<RequestFault['kind'], string>> = {
  throttle: 'is throttled',
  fail: 'fails inside AWS',
  unavailable: 'finds the service unavailable',
  delay: 'comes late',
  loseAnswer: 'is served, and its answer gets lost',
};

/**
 * Faults between callers and services. They affect the emulator's own pollers as well as SDK clients, with AWS's own
 * errors. The same seed gives the same faults.
 */
export class RequestFaults implements Interceptor {
  private faults: { readonly fault: RequestFault; left: number }[] = [];

  constructor(private readonly dependencies: RequestFaultsDependencies) {}

  public get active(): boolean {
    return this.faults.length > 0;
  }

  /** Adds a fault. Returns a function that ends it early. */
  public add(fault: RequestFault): () => void {
    const now = this.dependencies.clock.now();
    this.faults = this.faults.filter(({ fault, left }) => fault.until > now && left > 0); // drop those that are over
    const entry = { fault, left: fault.times ?? Infinity };
    this.faults.push(entry);
    return () => {
      const index = this.faults.indexOf(entry);
      if (index >= 0) this.faults.splice(index, 1);
    };
  }

  public intercept(request: ServiceRequest, act: () => unknown): unknown {
    if (this.faults.length === 0) return act();
    const faults = this.affecting(request);
    const delay = faults.reduce((sum, { kind, delay: by = 0 }) => sum + (kind === 'delay' ? by : 0), 0);
    if (delay > 0) return this.late(delay, () => this.decide(faults, request, act));
    return this.decide(faults, request, act);
  }

  private decide(faults: readonly RequestFault[], { service }: ServiceRequest, act: () => unknown): unknown {
    const refusal = faults.find(({ kind }) => kind !== 'delay' && kind !== 'loseAnswer');
    if (refusal !== undefined) throw this.errorOf(refusal.kind, service);
    const output = act();
    if (!faults.some(({ kind }) => kind === 'loseAnswer')) return output;
    if (isPromise(output)) {
      return output.then(() => {
        throw new AnswerLost();
      });
    }
    throw new AnswerLost();
  }

  private isAbout(service: string, input: object, resource: string): boolean {
    const names = this.dependencies.services.get(service)?.resourcesOf?.(input as Readonly<Record<string, unknown>>);
    return names?.includes(resource) === true;
  }

  private errorOf(kind: RequestFault['kind'], service: string): AwsError {
    const errors = this.dependencies.services.get(service)?.errors;
    if (kind === 'throttle' && errors !== undefined) return errors.throttled();
    if (kind !== 'fail' || errors === undefined) {
      return new AwsError('ServiceUnavailable', 'Service is unable to handle request.', UNAVAILABLE);
    }
    const { shape, queryCode = shape } = errors.internal;
    return new AwsError(shape, 'We encountered an internal error. Please try again.', { ...FAILED, queryCode });
  }

  private late(delay: number, act: () => unknown): Promise<unknown> {
    const { clock } = this.dependencies;
    const what = 'a delayed request arrives';
    const late = new Promise<void>((arrive) => clock.schedule(clock.now() + delay, arrive, what)).then(act);
    late.catch(() => undefined); // a poller does not wait for its deletes
    return late;
  }

  /** The faults that apply to this request; rolls each one's chance and records it. */
  private affecting({ service, action, input, context }: ServiceRequest): RequestFault[] {
    const { clock, random, timeline } = this.dependencies;
    const now = clock.now();
    const found: RequestFault[] = [];
    for (const entry of this.faults) {
      const { fault } = entry;
      if (now < fault.from || now >= fault.until || entry.left === 0) continue;
      if ((fault.service ?? service) !== service || fault.actions?.includes(action) === false) continue;
      if (fault.resource !== undefined && !this.isAbout(service, input, fault.resource)) continue;
      if ((fault.chance ?? 1) < 1 && random.next() >= (fault.chance ?? 1)) continue;
      entry.left--;
      fault.onApplied?.();
      found.push(fault);
      timeline.in(`${context.account}/${context.region}`).record(`fault.${fault.kind}`, fault.resource ?? '', {
        service,
        action,
        what: `${action} ${WORDS[fault.kind]}`,
      });
    }
    return found;
  }
}
