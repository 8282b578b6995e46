import { AwsError, formatArn, isNumber, must } from '../../core';
import { defineService } from '../service-definition';
import { compress, type SubscriptionMessage, type SubscriptionSettings } from './filters/subscription-filter';
import { type LogGroupView, Logs } from './logs';
import { LOG_DESTINATIONS } from './ports';
import { protocol } from './protocol';
import { logGroup } from './resources/log-group';
import { logRetention } from './resources/log-retention';
import { logStream } from './resources/log-stream';
import { metricFilter } from './resources/metric-filter';
import { logsResourcePolicy } from './resources/resource-policy';
import { subscriptionFilter } from './resources/subscription-filter';
import { testing } from './testing';

export { Logs, type LogGroupView } from './logs';
export { LOG_DESTINATIONS, type LogDestinations } from './ports';

const MEBIBYTE = 2 ** 20;
const DEFAULT_CAPACITY = 32 * MEBIBYTE;

/** The options of CloudWatch Logs. */
export interface LogsOptions {
  /**
   * How many bytes of log events are kept in each account and Region, by AWS's count of stored bytes; short lines take
   * about three times that in memory. Beyond it, the events that arrived first are dropped.
   * @default 33554432 (32 MiB)
   */
  readonly logCapacity?: number;
}

/** Amazon CloudWatch Logs. */
export const logs = defineService<
  'logs',
  Logs,
  LogsOptions,
  { readonly logGroups: readonly LogGroupView[] },
  typeof testing
>({
  name: 'logs',
  protocol,
  errors: {
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    internal: { shape: 'ServiceUnavailableException' },
  },
  options: {
    logCapacity: must('1 or more bytes', (value) => isNumber(value) && value >= 1 && value < Infinity),
  },
  resourceTypes: [logGroup, logStream, metricFilter, subscriptionFilter, logsResourcePolicy, logRetention],
  resourcesOf: ({ logGroupName, logGroupIdentifier }) =>
    [logGroupName, logGroupIdentifier].filter((name): name is string => typeof name === 'string'),
  deliver(service, targetArn, { payload }, caller) {
    const group = /:log-group:([^:]+)/.exec(targetArn)?.[1] ?? '';
    service.writeDelivery(group, caller.sourceArn, payload);
  },
  testing,
  status: { sections: ['logGroups'], of: (service) => ({ logGroups: service.groups() }) },
  create({ options: { logCapacity = DEFAULT_CAPACITY }, clock, timeline, account, region, use, deliver }) {
    const callerOf = (logGroup: string) => ({
      account,
      region,
      principal: 'logs.amazonaws.com',
      endpoint: '',
      sourceArn: formatArn('logs', region, account, `log-group:${logGroup}:*`),
      sourceAccount: account,
    });
    return new Logs({
      clock,
      timeline,
      account,
      region,
      capacity: logCapacity,
      destinations: () => use(LOG_DESTINATIONS),
      callerOf,
      send: (settings, message) =>
        deliver(settings.destinationArn, deliveryOf(settings, message), callerOf(settings.logGroup)),
    });
  },
});

/** What a destination gets: a function the compressed message in an event, a stream its bytes. */
function deliveryOf(settings: SubscriptionSettings, message: SubscriptionMessage) {
  const bytes = compress(message);
  if (settings.destinationArn.split(':')[2] === 'lambda') {
    return { payload: JSON.stringify({ awslogs: { data: bytes.toString('base64') } }) };
  }
  const partitionKey = settings.distribution === 'ByLogStream' ? message.logStream : undefined;
  return { payload: bytes.toString('base64'), bytes, partitionKey };
}
