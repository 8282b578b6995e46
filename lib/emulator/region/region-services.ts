import type { Clock, Random } from '../clock';
import {
  assumedRole,
  type DeliveryLog,
  type DeliveryRole,
  Door,
  type Interceptor,
  type Port,
  type RequestContext,
} from '../core';
import { INTEGRATIONS } from '../integrations';
import { recorded } from '../integrations/delivery-record';
import { deliver } from '../integrations/event-delivery';
import { MetricPublisher } from '../integrations/metric-publisher';
import { methodOf } from '../protocol';
import { type ServiceOptions, type Services, DEFINITIONS } from '../services';
import type { AnyServiceDefinition, ServiceInstance } from '../services/service-definition';
import type { Timeline } from '../timeline';

/** Options of {@link RegionServices}. */
export interface RegionServicesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly options: ServiceOptions;
  /** The interceptors of every call to a service, in order. */
  readonly interceptors: readonly Interceptor[];
  /** Where the outcomes of deliveries between services are recorded. */
  readonly deliveries: DeliveryLog;
  /** Ports that no integration fills: compute, and what all Regions share. */
  readonly ports: ReadonlyMap<Port<unknown>, unknown>;
  /** Returns the services of another account or Region, if it has started. */
  readonly elsewhere: (account: string, region: string) => RegionServices | undefined;
  /** Returns the services of all other started Regions of the account. */
  readonly othersOfAccount: () => readonly RegionServices[];
  /** Returns the services of all started Regions. */
  readonly everywhere: () => readonly RegionServices[];
}

/**
 * The services of one account in one Region, built from their definitions and connected. Only CloudWatch is known by
 * name, because all services publish their metrics to it.
 */
export class RegionServices {
  /** The services themselves, for views and direct access by tests. */
  public readonly services: Services;
  /** The services as callers reach them: through the door. */
  public readonly api: Services;
  private readonly instances: Readonly<Record<string, ServiceInstance>>;
  private readonly filled = new Map<Port<unknown>, unknown>();
  private readonly metrics: MetricPublisher;

  constructor(private readonly options: RegionServicesOptions) {
    const instances: Record<string, ServiceInstance> = {};
    const api: Record<string, ServiceInstance> = {};
    this.instances = instances;
    // Each definition in the list creates the service of its name.
    this.services = instances as unknown as Services;
    this.api = api as unknown as Services;
    for (const definition of DEFINITIONS) {
      const { name } = definition;
      const instance = this.create(definition);
      const door = new Door(name, instance, methodsOf(definition), options.interceptors);
      instances[name] = instance;
      Object.defineProperty(api, name, { get: () => door.open, enumerable: true });
    }
    const publish = this.services.cloudwatch.ingest.bind(this.services.cloudwatch);
    this.metrics = new MetricPublisher(options.clock, Object.values(instances), publish);
  }

  /** Stops all background work: metrics, pollers, alarms. */
  public async stop(): Promise<void> {
    this.metrics.stop();
    for (const instance of Object.values(this.instances)) await instance.stop?.();
  }

  /** Answers all waiting requests, as if what they wait for were deleted. */
  public endWaiting(): void {
    for (const instance of Object.values(this.instances)) instance.endWaiting?.();
  }

  private create(definition: AnyServiceDefinition): ServiceInstance {
    const { name } = definition;
    const { clock, random, timeline, account, region, options, elsewhere, othersOfAccount, everywhere } = this.options;
    return definition.create({
      clock,
      random: random.fork(name),
      timeline,
      account,
      region,
      options,
      elsewhere: (...place: [string, string]) => elsewhere(...place)?.instances[name],
      inAnotherRegion: () => othersOfAccount()[0]?.instances[name],
      everywhere: () => everywhere().map(({ instances }) => instances[name]),
      use: (port) => this.use(port),
      deliver: (targetArn, delivery, caller, role) => {
        const find = (...place: [string, string]) =>
          place[0] === account && place[1] === region ? this.api : elsewhere(...place)?.api;
        return recorded(this.options, targetArn, delivererOf(caller, role), () =>
          deliver(find, targetArn, delivery, caller, role),
        );
      },
    }) as ServiceInstance;
  }

  /** What fills a port. */
  public use<T>(port: Port<T>): T {
    // A port's key determines the type of what fills it.
    const known = this.options.ports.get(port) ?? this.filled.get(port);
    if (known !== undefined) return known as T;
    const integration = INTEGRATIONS.find((each) => each.port === port);
    if (integration === undefined) throw new Error(`nothing fills the port ${port.name}`);
    const made = integration.make({ ...this.options, api: this.api });
    this.filled.set(port, made);
    return made as T;
  }
}

/** Who delivers, as records show it. */
function delivererOf(caller: RequestContext, role: DeliveryRole | undefined): RequestContext {
  return role === undefined ? caller : { ...caller, principal: assumedRole('', role.roleArn, role.sessionName) };
}

/** The method names of a service's actions: `sendMessage`. */
function methodsOf({ protocol }: AnyServiceDefinition): ReadonlySet<string> {
  return new Set(protocol?.operations.map(([, , name]) => methodOf(name)));
}
