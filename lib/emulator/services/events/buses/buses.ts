import type {
  CreateEventBusRequest,
  CreateEventBusResponse,
  DeleteEventBusRequest,
  DescribeEventBusRequest,
  DescribeEventBusResponse,
  EventBus as BusEntry,
  ListEventBusesRequest,
  ListEventBusesResponse,
  PutPermissionRequest,
  RemovePermissionRequest,
  UpdateEventBusRequest,
  UpdateEventBusResponse,
} from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../../core';
import type { Clock } from '../../../clock';
import { alreadyExists, busNotFound, limitExceeded, notEmulated, validation } from '../errors';
import { LIMITS } from '../limits';
import { DEFAULT_BUS } from '../rules/rule';
import { addTags } from '../tags';
import { checkBusName, checkLength, listed } from '../validation';
import { type BusSettings, EventBus } from './event-bus';

/** The collaborators of {@link Buses}. */
export interface BusesDependencies {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  /** Called with each bus that is deleted. */
  readonly deleted: (bus: EventBus) => void;
}

/** The event buses of an account and Region. The default one is always there. */
export class Buses {
  private readonly buses = new Map<string, EventBus>();

  constructor(private readonly dependencies: BusesDependencies) {
    this.add(DEFAULT_BUS);
  }

  public create(input: CreateEventBusRequest): CreateEventBusResponse {
    const { Name: name = '', EventSourceName, Tags = [] } = input;
    checkBusName(name);
    if (EventSourceName !== undefined) throw notEmulated('Partner event sources');
    const settings = settingsOf(input);
    if (this.buses.has(name)) throw alreadyExists(`Event bus ${name}`);
    // The default bus is not counted.
    if (this.buses.size > LIMITS.buses) throw limitExceeded();
    const tags = new Map<string, string>();
    addTags(tags, Tags);
    const bus = this.add(name);
    bus.settings = settings;
    for (const [key, value] of tags) bus.tags.set(key, value);
    return { EventBusArn: bus.arn, ...shownSettings(bus) };
  }

  public update(input: UpdateEventBusRequest): UpdateEventBusResponse {
    const bus = this.named(input.Name);
    bus.settings = settingsOf(input);
    bus.modifiedAt = this.dependencies.clock.now();
    return { Arn: bus.arn, Name: bus.name, ...shownSettings(bus) };
  }

  /** Succeeds if there is no such bus. */
  public delete({ Name: name = '' }: DeleteEventBusRequest): void {
    if (name === DEFAULT_BUS) throw validation('Cannot delete event bus default.');
    const bus = this.find(name);
    if (bus === undefined) return;
    if (bus.ruleCount > 0) throw validation(`Event bus ${bus.name} can't be deleted since it has rules.`);
    this.buses.delete(bus.name);
    this.dependencies.deleted(bus);
  }

  public describe({ Name }: DescribeEventBusRequest): DescribeEventBusResponse {
    const bus = this.named(Name);
    return { ...this.shown(bus), ...shownSettings(bus) };
  }

  public list(input: ListEventBusesRequest): ListEventBusesResponse {
    const all = this.all().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
    const { items, nextToken } = listed(all, input);
    return { EventBuses: items.map((bus) => this.shown(bus)), NextToken: nextToken };
  }

  public putPermission({ EventBusName, ...permission }: PutPermissionRequest): void {
    this.named(EventBusName).policy.put(permission);
  }

  public removePermission(input: RemovePermissionRequest): void {
    const { policy } = this.named(input.EventBusName);
    if (input.RemoveAllPermissions === true) policy.removeAll();
    else if (input.StatementId === undefined) throw validation('Parameter StatementId must be specified.');
    else policy.remove(input.StatementId);
  }

  /** All buses, sorted by name. */
  public all(): EventBus[] {
    return [...this.buses.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The bus with a name or ARN; the default one without a name. */
  public find(nameOrArn = DEFAULT_BUS): EventBus | undefined {
    const name = this.ownName(nameOrArn);
    return name === undefined ? undefined : this.buses.get(name);
  }

  /**
   * The bus with a name or ARN; the default one without a name.
   * @throws AwsError ResourceNotFoundException
   */
  public named(nameOrArn = DEFAULT_BUS): EventBus {
    const bus = this.find(nameOrArn);
    if (bus === undefined) throw busNotFound(nameOrArn.startsWith('arn:') ? nameOf(nameOrArn) : nameOrArn);
    return bus;
  }

  /** A bus's name, if it is one of this account and Region. */
  private ownName(nameOrArn: string): string | undefined {
    if (!nameOrArn.startsWith('arn:')) return nameOrArn;
    const { account, region } = this.dependencies;
    const arn = parseArn(nameOrArn);
    return arn?.account === account && arn.region === region ? nameOf(nameOrArn) : undefined;
  }

  private add(name: string): EventBus {
    const { clock, account, region } = this.dependencies;
    const bus = new EventBus(name, region, account, clock.now());
    this.buses.set(name, bus);
    return bus;
  }

  private shown(bus: EventBus): BusEntry {
    return {
      Name: bus.name,
      Arn: bus.arn,
      Description: bus.settings.description,
      Policy: bus.policy.text,
      CreationTime: new Date(bus.createdAt),
      LastModifiedTime: new Date(bus.modifiedAt),
    };
  }
}

function settingsOf(input: CreateEventBusRequest | UpdateEventBusRequest): BusSettings {
  const { Description, KmsKeyIdentifier, DeadLetterConfig, LogConfig } = input;
  checkLength('description', Description, 0, 512);
  checkLength('kmsKeyIdentifier', KmsKeyIdentifier, 0, 2_048);
  return {
    description: Description,
    kmsKeyIdentifier: KmsKeyIdentifier,
    deadLetterConfig: DeadLetterConfig,
    logConfig: LogConfig,
  };
}

function shownSettings({ settings }: EventBus) {
  return {
    Description: settings.description,
    KmsKeyIdentifier: settings.kmsKeyIdentifier,
    DeadLetterConfig: settings.deadLetterConfig,
    LogConfig: settings.logConfig,
  };
}

function nameOf(busArn: string): string {
  return busArn.slice(busArn.indexOf('/') + 1);
}
