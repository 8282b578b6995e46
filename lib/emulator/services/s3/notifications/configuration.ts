import type { Event, FilterRule, NotificationConfiguration, NotificationConfigurationFilter } from '@aws-sdk/client-s3';
import type { Random } from '../../../clock';
import { parseArn } from '../../../core';
import { invalidArgument, malformedXml } from '../errors';

/** What is notified, and of what. */
export interface Notification {
  readonly id: string;
  readonly kind: 'Queue' | 'Topic' | 'CloudFunction';
  readonly arn: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

const EVENTS: ReadonlySet<string> = new Set([
  ...['s3:ReducedRedundancyLostObject', 's3:ObjectCreated:*', 's3:ObjectCreated:Put', 's3:ObjectCreated:Post'],
  ...['s3:ObjectCreated:Copy', 's3:ObjectCreated:CompleteMultipartUpload', 's3:ObjectRemoved:*'],
  ...['s3:ObjectRemoved:Delete', 's3:ObjectRemoved:DeleteMarkerCreated', 's3:ObjectRestore:*', 's3:ObjectRestore:Post'],
  ...['s3:ObjectRestore:Completed', 's3:ObjectRestore:Delete', 's3:Replication:*'],
  ...['s3:Replication:OperationFailedReplication', 's3:Replication:OperationNotTracked'],
  ...['s3:Replication:OperationMissedThreshold', 's3:Replication:OperationReplicatedAfterThreshold'],
  ...['s3:LifecycleTransition', 's3:IntelligentTiering', 's3:ObjectAcl:Put', 's3:LifecycleExpiration:*'],
  ...['s3:LifecycleExpiration:Delete', 's3:LifecycleExpiration:DeleteMarkerCreated', 's3:ObjectTagging:*'],
  ...['s3:ObjectTagging:Put', 's3:ObjectTagging:Delete'],
]);

const SERVICES = { Queue: 'sqs', Topic: 'sns', CloudFunction: 'lambda' } as const;

/**
 * Reads and checks a bucket's configuration, apart from its destinations. Each entry without an id gets one.
 * @throws AwsError InvalidArgument or MalformedXML
 */
export function readConfiguration(
  given: NotificationConfiguration,
  random: Random,
): { readonly configuration: NotificationConfiguration; readonly notifications: readonly Notification[] } {
  const withIds = <T extends { Id?: string }>(list: readonly T[] | undefined): T[] | undefined =>
    list?.map((entry) => ({ ...entry, Id: entry.Id ?? random.uuid() }));
  const configuration: NotificationConfiguration = {
    ...(given.QueueConfigurations && { QueueConfigurations: withIds(given.QueueConfigurations) }),
    ...(given.TopicConfigurations && { TopicConfigurations: withIds(given.TopicConfigurations) }),
    ...(given.LambdaFunctionConfigurations && {
      LambdaFunctionConfigurations: withIds(given.LambdaFunctionConfigurations),
    }),
    ...(given.EventBridgeConfiguration && { EventBridgeConfiguration: {} }),
  };
  const notifications = notificationsOf(configuration);
  for (const { kind, arn } of notifications) {
    const parsed = parseArn(arn);
    if (parsed?.service !== SERVICES[kind]) throw invalidArgument('The ARN could not be parsed', kind, arn);
  }
  for (const { events } of notifications) {
    if (events.length === 0) throw malformedXml();
    for (const event of events) {
      if (!EVENTS.has(event)) {
        throw invalidArgument('A specified event is not supported for notifications', 'Event', event);
      }
    }
  }
  checkOverlaps(notifications);
  return { configuration, notifications };
}

export function notificationsOf(configuration: NotificationConfiguration): Notification[] {
  const read = (
    kind: Notification['kind'],
    arn: string | undefined,
    entry: { Id?: string; Events?: readonly Event[]; Filter?: NotificationConfigurationFilter },
  ): Notification => {
    const { Id: id = '', Events = [], Filter } = entry;
    return { id, kind, arn: arn ?? '', events: Events, ...filterOf(Filter?.Key?.FilterRules ?? []) };
  };
  return [
    ...(configuration.QueueConfigurations ?? []).map((entry) => read('Queue', entry.QueueArn, entry)),
    ...(configuration.TopicConfigurations ?? []).map((entry) => read('Topic', entry.TopicArn, entry)),
    ...(configuration.LambdaFunctionConfigurations ?? []).map((entry) =>
      read('CloudFunction', entry.LambdaFunctionArn, entry),
    ),
  ];
}

function filterOf(rules: readonly FilterRule[]): Pick<Notification, 'prefix' | 'suffix'> {
  const found: { prefix?: string; suffix?: string } = {};
  for (const { Name, Value } of rules) {
    if (Name === undefined || Value === undefined) throw malformedXml();
    const name = Name.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix') {
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', Name);
    }
    if (found[name] !== undefined) {
      throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', Name);
    }
    found[name] = decoded(Value);
  }
  return { prefix: found.prefix ?? '', suffix: found.suffix ?? '' };
}

/** Filters hold keys as notifications do: in the encoding of a form. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function checkOverlaps(all: readonly Notification[]): void {
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      if (!one.events.some((event) => other.events.some((second) => share(event, second)))) continue;
      const prefixes = one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
      const suffixes = one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix);
      if (!prefixes || !suffixes) continue;
      const filtered = [one, other].some(({ prefix, suffix }) => prefix !== '' || suffix !== '');
      throw invalidArgument(
        filtered
          ? 'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.'
          : 'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
      );
    }
  }
}

function share(one: string, other: string): boolean {
  return includes(one, other) || includes(other, one);
}

/** `s3:ObjectCreated:*` includes `s3:ObjectCreated:Put`. */
function includes(event: string, other: string): boolean {
  return event === other || (event.endsWith('*') && other.startsWith(event.slice(0, -1)));
}

/** Whether an event of a key is notified. */
export function concerns(notification: Notification, eventName: string, key: string): boolean {
  return (
    key.startsWith(notification.prefix) &&
    key.endsWith(notification.suffix) &&
    notification.events.some((event) => includes(event, `s3:${eventName}`))
  );
}
