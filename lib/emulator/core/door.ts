import type { RequestContext } from './request-context';

/** A call to a service's action, by an SDK client, a poller or another service. */
export interface ServiceRequest {
  /** The service's name: `sqs`. */
  readonly service: string;
  /** The action's API name: `SendMessage`. */
  readonly action: string;
  readonly input: object;
  readonly context: RequestContext;
}

/** Intercepts calls to services. */
export interface Interceptor {
  /** Whether the interceptor has work to do. While none has, calls bypass the door at no cost. */
  readonly active: boolean;
  /** Answers the call, by calling `next` or in its place. */
  intercept(request: ServiceRequest, next: () => unknown): unknown;
}

type Action = (input: object, context: RequestContext) => unknown;

/** The only way to a service's actions: every call passes the same interceptors, in order. */
export class Door<S extends object> {
  private readonly behind: S;
  private readonly actions = new Map<PropertyKey, Action>();

  /**
   * @param service the service's name, for interceptors
   * @param methods the service's actions, by method name: `sendMessage`. Other members of the service stay as they are
   */
  constructor(
    private readonly service: string,
    private readonly state: S,
    private readonly methods: ReadonlySet<PropertyKey>,
    private readonly interceptors: readonly Interceptor[],
  ) {
    this.behind = new Proxy(state, { get: (target, name) => this.actions.get(name) ?? this.member(target, name) });
  }

  /** The service as callers reach it now. */
  public get open(): S {
    return this.interceptors.some(({ active }) => active) ? this.behind : this.state;
  }

  private member(target: S, name: PropertyKey): unknown {
    const member: unknown = Reflect.get(target, name, target);
    if (typeof member !== 'function') return member;
    const method = member.bind(target) as Action;
    const action = this.methods.has(name) ? this.guarded(String(name), method) : method;
    this.actions.set(name, action);
    return action;
  }

  private guarded(methodName: string, method: Action): Action {
    const action = methodName[0].toUpperCase() + methodName.slice(1);
    const { service, interceptors } = this;
    return (input, context) => {
      const request = { service, action, input, context };
      const enter = (index: number): unknown =>
        index === interceptors.length
          ? method(input, context)
          : interceptors[index].intercept(request, () => enter(index + 1));
      return enter(0);
    };
  }
}
