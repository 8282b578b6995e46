import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { constraint, validation } from './errors';
import { LIMITS } from './limits';

/** Why an entry was not put on its bus: its result. */
export interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const TIME_BYTES = 14;
const REQUIRED = ['Source', 'DetailType', 'Detail'] as const;

/**
 * Checks the entries of a request as a whole. Returns their size in bytes.
 * @throws AwsError ValidationException
 */
export function checkEntries(entries: readonly PutEventsRequestEntry[]): number {
  if (entries.length === 0) throw constraint('entries', '[]', 'have length greater than or equal to 1');
  if (entries.length > LIMITS.entriesPerRequest) {
    const shown = `[${entries.map(shownEntry).join(', ')}]`;
    throw constraint('entries', shown, `have length less than or equal to ${LIMITS.entriesPerRequest}`);
  }
  const size = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (size > LIMITS.requestSize) throw validation('Total size of the entries in the request is over the limit.');
  return size;
}

/**
 * Why an entry is refused, if it is.
 * @param isService whether the caller is an AWS service: the sources of AWS are for services only
 */
export function refusalOf(entry: PutEventsRequestEntry, isService: boolean): EntryError | undefined {
  const absent = REQUIRED.find((member) => entry[member] === undefined || entry[member] === '');
  if (absent !== undefined) {
    const message = `Parameter ${absent} is not valid. Reason: ${absent} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage: message };
  }
  if (entry.Source?.startsWith('aws.') === true && !isService) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (isDetail(entry.Detail ?? '')) return undefined;
  return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

/** Bytes of an entry, as EventBridge counts them. */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : TIME_BYTES);
}

function isDetail(text: string): boolean {
  if (depthOf(text) > LIMITS.detailDepth) return false;
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail);
  } catch {
    return false;
  }
}

/** How deep the arrays and objects of a JSON text nest. */
function depthOf(json: string): number {
  let [depth, deepest] = [0, 0];
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\[^][^"\\]*)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return deepest;
}

function shownEntry(entry: PutEventsRequestEntry): string {
  const { Time, Source, Resources, DetailType, Detail, EventBusName, TraceHeader } = entry;
  const members = {
    time: Time?.toISOString(),
    source: Source,
    resources: Resources && `[${Resources.join(', ')}]`,
    detailType: DetailType,
    detail: Detail,
    eventBusName: EventBusName,
    traceHeader: TraceHeader,
  };
  const shown = Object.entries(members).map(([name, value]) => `${name}=${value ?? 'null'}`);
  return `PutEventsRequestEntry(${shown.join(', ')})`;
}
