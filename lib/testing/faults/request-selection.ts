import { type Emulator, type RequestFault, SERVICE_NAMES, SERVICE_OF_KIND, type ServiceName } from '../../emulator';
import type { KindName } from '../../emulator/services/testing';
import type { LocalResource } from '../../emulator/testing';
import { checkHandle, isHandle } from '../kinds';
import type { FaultWindow } from './fault-times';

/** The services whose requests can fail. */
export type FaultService = ServiceName;

/** Which requests a fault affects, and when. What is left out matches any. */
export interface RequestFaultOptions extends FaultWindow {
  /**
   * The resource of the requests: `cloud.queue(jobs)`.
   * @default - any resource
   */
  readonly on?: LocalResource;
  /**
   * The service.
   * @default - that of `on`, or else any
   */
  readonly service?: FaultService;
  /**
   * The API name of an action, or several: `ReceiveMessage`.
   * @default - any action
   */
  readonly action?: string | readonly string[];
  /**
   * The maximum number of affected requests.
   * @default - no limit
   */
  readonly times?: number;
}

/**
 * Returns the selected requests.
 * @throws RangeError if there can be none, which is a mistake
 */
export function selectRequests(
  emulator: Emulator,
  { on, service, action, times }: RequestFaultOptions,
): Pick<RequestFault, 'service' | 'actions' | 'resource' | 'times'> {
  const own = on === undefined ? undefined : serviceOf(on);
  if (service !== undefined && !SERVICE_NAMES.includes(service)) {
    throw new RangeError(`service must be one of ${SERVICE_NAMES.join(', ')}, but was ${String(service)}`);
  }
  if (service !== undefined && own !== undefined && service !== own) {
    throw new RangeError(`on belongs to ${own}, but service is ${service}: leave one of them out`);
  }
  if (times !== undefined && !(Number.isInteger(times) && times >= 1)) {
    throw new RangeError(`times must be a whole number of at least 1, but was ${times}`);
  }
  const named = service ?? own;
  const actions = action === undefined ? undefined : [action].flat();
  for (const each of actions ?? []) checkAction(emulator, each, named);
  return {
    ...(named !== undefined && { service: named }),
    ...(actions !== undefined && { actions }),
    ...(on !== undefined && { resource: on.name }),
    ...(times !== undefined && { times }),
  };
}

function serviceOf(on: LocalResource): FaultService {
  const kinds = Object.keys(SERVICE_OF_KIND) as KindName[];
  checkHandle(on, 'on', ...kinds);
  const kind = kinds.find((each) => isHandle(each, on)) as KindName; // as checked
  return SERVICE_OF_KIND[kind];
}

function checkAction(emulator: Emulator, action: string, service: FaultService | undefined): void {
  const services = service === undefined ? SERVICE_NAMES : [service];
  const known = services.flatMap((each) => emulator.actionsOf(each) ?? []);
  if (known.includes(action)) return;
  const near = known.filter((each) => each.toLowerCase().includes(action.toLowerCase().slice(0, 4)));
  const hint = near.length === 0 ? '' : `; there are ${near.join(', ')}`;
  throw new RangeError(`action must be an action of ${service ?? 'AWS'}, but was '${action}'${hint}`);
}
