import type {
  Archive as ArchiveEntry,
  CreateArchiveRequest,
  CreateArchiveResponse,
  DescribeArchiveRequest,
  DescribeArchiveResponse,
  ListArchivesRequest,
  ListArchivesResponse,
  UpdateArchiveRequest,
  UpdateArchiveResponse,
} from '@aws-sdk/client-eventbridge';
import type { Clock } from '../../../clock';
import type { EventBus } from '../buses/event-bus';
import type { BusEvent } from '../bus-event';
import { alreadyExists, resourceNotFound } from '../errors';
import { compilePattern } from '../rules/rule-settings';
import { checkLength, checkName, checkRange, listed } from '../validation';
import { Archive, type ArchiveSettings } from './archive';

/** The collaborators of {@link Archives}. */
export interface ArchivesDependencies {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  /** The bus with a name or ARN. Throws AWS's error if there is none. */
  readonly bus: (nameOrArn: string) => EventBus;
}

const LONGEST_NAME = 48;

/** The archives of an account and Region. */
export class Archives {
  private readonly archives = new Map<string, Archive>();

  constructor(private readonly dependencies: ArchivesDependencies) {}

  /** Whether a bus has an archive. */
  public keeps(busName: string): boolean {
    for (const archive of this.archives.values()) if (archive.busName === busName) return true;
    return false;
  }

  /** Offers an event of a bus to its archives. */
  public offer(busName: string, event: BusEvent): void {
    for (const archive of this.archives.values()) if (archive.busName === busName) archive.offer(event);
  }

  public create(input: CreateArchiveRequest): CreateArchiveResponse {
    const { clock, account, region, bus } = this.dependencies;
    const { ArchiveName: name = '', EventSourceArn: sourceArn = '' } = input;
    checkName('archiveName', name, LONGEST_NAME);
    const source = bus(sourceArn);
    const settings = settingsOf(input);
    if (this.archives.has(name)) throw alreadyExists(`Archive ${name}`);
    const archive = new Archive(name, source.name, source.arn, region, account, clock.now(), settings);
    this.archives.set(name, archive);
    return { ArchiveArn: archive.arn, State: 'ENABLED', CreationTime: new Date(archive.createdAt) };
  }

  public update(input: UpdateArchiveRequest): UpdateArchiveResponse {
    const archive = this.named(input.ArchiveName);
    archive.settings = settingsOf(input);
    return { ArchiveArn: archive.arn, State: 'ENABLED', CreationTime: new Date(archive.createdAt) };
  }

  public delete(name: string | undefined): void {
    this.archives.delete(this.named(name).name);
  }

  public describe({ ArchiveName }: DescribeArchiveRequest): DescribeArchiveResponse {
    const archive = this.named(ArchiveName);
    const { description, patternText, kmsKeyIdentifier } = archive.settings;
    return {
      ArchiveArn: archive.arn,
      Description: description,
      EventPattern: patternText,
      KmsKeyIdentifier: kmsKeyIdentifier,
      ...this.shown(archive),
    };
  }

  public list(input: ListArchivesRequest): ListArchivesResponse {
    const { NamePrefix: prefix = '', EventSourceArn: source, State } = input;
    const all = [...this.archives.values()]
      .filter(({ name, sourceArn }) => name.startsWith(prefix) && (source === undefined || sourceArn === source))
      .filter(() => State === undefined || State === 'ENABLED')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, nextToken } = listed(all, input);
    return { Archives: items.map((archive) => this.shown(archive)), NextToken: nextToken };
  }

  /** The archive with an ARN, if there is one. */
  public byArn(arn: string): Archive | undefined {
    return [...this.archives.values()].find((archive) => archive.arn === arn);
  }

  private named(name = ''): Archive {
    const archive = this.archives.get(name);
    if (archive === undefined) throw resourceNotFound(`Archive ${name} does not exist.`);
    return archive;
  }

  private shown(archive: Archive): ArchiveEntry {
    const events = archive.events(this.dependencies.clock.now());
    return {
      ArchiveName: archive.name,
      EventSourceArn: archive.sourceArn,
      State: 'ENABLED',
      RetentionDays: archive.settings.retentionDays,
      SizeBytes: events.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
      EventCount: events.length,
      CreationTime: new Date(archive.createdAt),
    };
  }
}

function settingsOf(input: CreateArchiveRequest | UpdateArchiveRequest): ArchiveSettings {
  const { Description, EventPattern, RetentionDays = 0, KmsKeyIdentifier } = input;
  checkLength('description', Description, 0, 512);
  checkRange('retentionDays', RetentionDays, 0, Infinity);
  return {
    description: Description,
    patternText: EventPattern,
    pattern: EventPattern === undefined ? undefined : compilePattern(EventPattern),
    retentionDays: RetentionDays,
    kmsKeyIdentifier: KmsKeyIdentifier,
  };
}
