import { formatArn } from './arn';
import type { Delivery } from './delivery';
import type { RequestContext } from './request-context';

/** An event that a service delivers to an event bus: the `source` of its {@link Delivery}. */
export interface BusEntry {
  /** `aws.cloudwatch`. */
  readonly source: string;
  readonly detailType: string;
  /** The ARNs of the resources that the event is about. */
  readonly resources?: readonly string[];
  /** A JSON object. */
  readonly detail: string;
  /**
   * In emulated milliseconds since the epoch.
   * @default - when the bus receives it
   */
  readonly time?: number;
}

/** Publishes an event of a service on the default event bus of an account and Region. */
export type EventPublisher = (event: Omit<BusEntry, 'source' | 'detail'> & { readonly detail: object }) => void;

/**
 * Makes the publisher of a service's events.
 * @param source the events' source: `aws.cloudwatch`
 * @param principal the service's principal: `cloudwatch.amazonaws.com`
 */
export function eventPublisher(
  {
    account,
    region,
    deliver,
  }: {
    readonly account: string;
    readonly region: string;
    readonly deliver: (targetArn: string, delivery: Delivery, caller: RequestContext) => unknown;
  },
  source: string,
  principal: string,
): EventPublisher {
  const bus = formatArn('events', region, account, 'event-bus/default');
  return (event) => {
    const detail = JSON.stringify(event.detail);
    const entry: BusEntry = { ...event, source, detail };
    deliver(bus, { payload: detail, source: entry }, { account, region, principal, endpoint: '' });
  };
}
