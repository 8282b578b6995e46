import { normalized } from './patterns/normalized';

/** The fields of an event, in the order in which EventBridge writes them. */
export interface EventFields {
  readonly version: string;
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** The replay that sends it again. */
  readonly 'replay-name'?: string;
}

/** What an event is made of. */
export interface NewEvent {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  /** The account and Region that it comes from. */
  readonly account: string;
  readonly region: string;
  /** In emulated milliseconds since the epoch; written in whole seconds. */
  readonly time: number;
  readonly resources: readonly string[];
  /** JSON. */
  readonly detail: string;
  /** When the bus received it, in emulated milliseconds since the epoch. */
  readonly ingestedAt: number;
  readonly traceHeader?: string;
  readonly replayName?: string;
  /** Where it has been before. */
  readonly passed?: Passed;
}

/** The rules that have handed an event on from bus to bus, and the places that it was handed to. */
export interface Passed {
  readonly rules: readonly string[];
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

const NOWHERE: Passed = { rules: [], accounts: [], regions: [] };

/** An event on a bus. */
export class BusEvent {
  public readonly fields: EventFields;
  /** The fields as patterns see them. */
  public readonly seen: unknown;
  public readonly ingestedAt: number;
  public readonly traceHeader?: string;
  public readonly passed: Passed;
  private readonly detail: string;
  private json?: string;

  constructor(event: NewEvent) {
    const { id, source, detailType, account, region, time, resources, detail, replayName } = event;
    this.detail = withoutSpace(detail);
    this.ingestedAt = event.ingestedAt;
    this.traceHeader = event.traceHeader;
    this.passed = event.passed ?? NOWHERE;
    this.fields = {
      version: '0',
      id,
      'detail-type': detailType,
      source,
      account,
      time: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources,
      detail: JSON.parse(detail) as unknown,
      ...(replayName !== undefined && { 'replay-name': replayName }),
    };
    this.seen = normalized(this.fields);
  }

  /** Compact JSON. The detail is as it was put, to the digit. */
  public get text(): string {
    if (this.json === undefined) {
      const { detail: _detail, 'replay-name': replayName, ...fields } = this.fields;
      const end = replayName === undefined ? '' : `,"replay-name":${JSON.stringify(replayName)}`;
      this.json = `${JSON.stringify(fields).slice(0, -1)},"detail":${this.detail}${end}}`;
    }
    return this.json;
  }

  /** The same event as it arrives at another bus, or again. */
  public again(changes: Partial<Pick<NewEvent, 'id' | 'ingestedAt' | 'replayName' | 'passed'>>): BusEvent {
    const { id, source, 'detail-type': detailType, account, region, time, resources } = this.fields;
    const { detail, ingestedAt, traceHeader, passed } = this;
    return new BusEvent({
      ...{ id, source, detailType, account, region, resources, detail, ingestedAt, traceHeader, passed },
      time: Date.parse(time),
      ...changes,
    });
  }
}

const SPACE = /[ \t\r\n]/;
const STRING_OR_SPACE = /("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+/g;

function withoutSpace(json: string): string {
  return SPACE.test(json) ? json.replace(STRING_OR_SPACE, '$1') : json;
}
