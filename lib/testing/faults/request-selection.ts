import { type Emulator, type RequestFault, SERVICE_NAMES, type ServiceName } from '../../emulator';
import type { LocalAlarm } from '../local-alarm';
import { LocalFunction } from '../local-function';
import { LocalGroup } from '../local-group';
import { LocalQueue } from '../local-queue';
import { checkTarget } from './fault-target';
import type { FaultWindow } from './fault-times';

/** The services whose requests can fail. */
export type FaultService = ServiceName;

/** Which requests a fault befalls, and when. What is not given is any. */
export interface RequestFaultOptions extends FaultWindow {
  /**
   * What the requests are about: `cloud.queue(jobs)`.
   * @default - anything
   */
  readonly on?: LocalQueue | LocalFunction | LocalGroup | LocalAlarm;
  /**
   * The service.
   * @default - that of `on`, else any
   */
  readonly service?: FaultService;
  /**
   * The API's name of the action, or several: `ReceiveMessage`.
   * @default - any
   */
  readonly action?: string | readonly string[];
  /**
   * How many requests at most.
   * @default - any number
   */
  readonly times?: number;
}

/**
 * The requests that are meant.
 * @throws RangeError where there are no such requests, which is a mistake
 */
export function selectRequests(
  emulator: Emulator,
  { on, service, action, times }: RequestFaultOptions,
): Pick<RequestFault, 'service' | 'actions' | 'resource' | 'times'> {
  const own = on === undefined ? undefined : serviceOf(on);
  if (service !== undefined && !SERVICE_NAMES.includes(service)) {
    throw new RangeError(`service must be one of ${SERVICE_NAMES.join(', ')}, got ${String(service)}`);
  }
  if (service !== undefined && own !== undefined && service !== own) {
    throw new RangeError(`on is about ${own}, and service is ${service}: leave one of them out`);
  }
  if (times !== undefined && !(Number.isInteger(times) && times >= 1)) {
    throw new RangeError(`times must be a whole number of at least 1, got ${times}`);
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

function serviceOf(on: NonNullable<RequestFaultOptions['on']>): FaultService {
  checkTarget(on, 'on', 'queue', 'function', 'group', 'alarm');
  if (on instanceof LocalQueue) return 'sqs';
  if (on instanceof LocalFunction) return 'lambda';
  if (on instanceof LocalGroup) return 'autoscaling';
  return 'cloudwatch';
}

function checkAction(emulator: Emulator, action: string, service: FaultService | undefined): void {
  const services = service === undefined ? SERVICE_NAMES : [service];
  const known = services.flatMap((each) => emulator.actionsOf(each) ?? []);
  if (known.includes(action)) return;
  const near = known.filter((each) => each.toLowerCase().includes(action.toLowerCase().slice(0, 4)));
  const hint = near.length === 0 ? '' : `; there are ${near.join(', ')}`;
  throw new RangeError(`action must be one of ${service ?? 'AWS'}'s, got '${action}'${hint}`);
}
