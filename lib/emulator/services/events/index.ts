import { AwsError, type BusEntry, type RetryBackoff, retryBackoff, TAKES_DELIVERIES } from '../../core';
import { defineService } from '../service-definition';
import { Events } from './events';
import { protocol } from './protocol';
import { eventBus } from './resources/event-bus';
import { eventBusPolicy } from './resources/event-bus-policy';
import { eventsArchive } from './resources/archive';
import { eventsRule } from './resources/rule';
import { type RuleStatus, ruleStatus } from './status';
import { testing } from './testing';

export { Events } from './events';

/** The options of EventBridge. */
export interface EventBridgeOptions {
  /**
   * The waits between attempts to deliver an event to a target that is throttled or fails.
   * @default - 1 second, twice as long each time up to 8 minutes, up to a fifth shorter at random
   */
  readonly eventRetryBackoff?: RetryBackoff;
}

/** Amazon EventBridge: event buses, rules, archives. */
export const events = defineService<
  'events',
  Events,
  EventBridgeOptions,
  { readonly rules: readonly RuleStatus[] },
  typeof testing
>({
  name: 'events',
  protocol,
  errors: {
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    internal: { shape: 'InternalException' },
  },
  options: { eventRetryBackoff: retryBackoff },
  resourceTypes: [eventBus, eventBusPolicy, eventsArchive, eventsRule],
  resourcesOf: ({ Name, Rule, EventBusName, Entries }) => [
    ...[Name, Rule, EventBusName].filter((name): name is string => typeof name === 'string'),
    ...(Array.isArray(Entries)
      ? Entries.map((entry: { EventBusName?: string }) => entry.EventBusName ?? 'default')
      : []),
  ],
  deliver(service, targetArn, { source }, caller) {
    service.takeFromService(targetArn, source as BusEntry, caller);
  },
  testing,
  status: { sections: ['rules'], of: (service) => ({ rules: ruleStatus(service) }) },
  create: ({ options: { eventRetryBackoff: backoff }, use, ...dependencies }) =>
    new Events({ ...dependencies, backoff, takesDeliveries: (arn) => use(TAKES_DELIVERIES)(arn) }),
});
