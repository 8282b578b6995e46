import { type Deployment } from '../template/deployment';
import { at, list } from '../template/json';
import { queueEnd } from '../template/queue-end';
import { type Resource } from '../template/resource';
import { check, type Subject, type TemplateRule } from './template-rule';

/** What a bucket sends to one destination. Filters that are known only at deployment overlap with nothing. */
interface Notification {
  readonly property: string;
  readonly destination: unknown;
  readonly isToQueue: boolean;
  readonly events: readonly string[];
  readonly prefix: unknown;
  readonly suffix: unknown;
}

/** The lists of destinations, with the member that names each: of a bucket, and of the L2's custom resource. */
const DESTINATIONS = {
  QueueConfigurations: ['Queue', 'QueueArn'],
  TopicConfigurations: ['Topic', 'TopicArn'],
  LambdaConfigurations: ['Function'],
  LambdaFunctionConfigurations: ['LambdaFunctionArn'],
};

function* notificationsOf(resource: Resource): Iterable<Notification> {
  for (const [name, members] of Object.entries(DESTINATIONS)) {
    for (const [index, one] of list(resource.get('NotificationConfiguration', name)).entries()) {
      const rules = list(at(one, 'Filter', 'S3Key', 'Rules') ?? at(one, 'Filter', 'Key', 'FilterRules'));
      const end = (wanted: string) =>
        at(
          rules.find((rule) => String(at(rule, 'Name')).toLowerCase() === wanted),
          'Value',
        ) ?? '';
      yield {
        property: `NotificationConfiguration.${name}[${index}]`,
        destination: members.map((member) => at(one, member)).find((value) => value !== undefined),
        isToQueue: name === 'QueueConfigurations',
        events: [...list(at(one, 'Event')), ...list(at(one, 'Events'))].filter((event) => typeof event === 'string'),
        prefix: end('prefix'),
        suffix: end('suffix'),
      };
    }
  }
}

interface Overlap extends Subject {
  readonly added: Notification;
  readonly known: Notification;
  /** Where the known one goes. */
  readonly name: string;
}

/** Each notification that shares events and objects with an earlier one of its bucket; one of the two is to a queue. */
function* overlaps(app: Deployment): Iterable<Overlap> {
  for (const type of ['AWS::S3::Bucket', 'Custom::S3BucketNotifications']) {
    for (const resource of app.ofType(type)) {
      const all = [...notificationsOf(resource)];
      for (const [index, added] of all.entries()) {
        const known = all.slice(0, index).find((one) => (one.isToQueue || added.isToQueue) && overlap(one, added));
        if (known !== undefined) yield { resource, added, known, name: destinationOf(app, resource, known) };
      }
    }
  }
}

function overlap(one: Notification, other: Notification): boolean {
  return (
    one.events.some((event) => other.events.some((second) => includes(event, second) || includes(second, event))) &&
    fitTogether(one.prefix, other.prefix, (text, start) => text.startsWith(start)) &&
    fitTogether(one.suffix, other.suffix, (text, end) => text.endsWith(end))
  );
}

/** `s3:ObjectCreated:*` includes `s3:ObjectCreated:Put`. */
function includes(event: string, other: string): boolean {
  return event === other || (event.endsWith('*') && other.startsWith(event.slice(0, -1)));
}

function fitTogether(one: unknown, other: unknown, fits: (text: string, part: string) => boolean): boolean {
  return typeof one === 'string' && typeof other === 'string' && (fits(one, other) || fits(other, one));
}

function destinationOf(app: Deployment, { stack }: Resource, { destination, property }: Notification): string {
  const name = queueEnd(app, destination, stack)?.name ?? app.target(destination, stack)?.resource.path;
  return name === undefined ? property : `${name} (${property})`;
}

const shown = ({ events, prefix, suffix }: Notification) =>
  [
    events.join(', '),
    ...(prefix === '' ? [] : [`prefix '${prefix as string}'`]),
    ...(suffix === '' ? [] : [`suffix '${suffix as string}'`]),
  ].join(' with ');

const RULES: readonly TemplateRule<Overlap>[] = [
  {
    id: 'Spillway-Delivery-NotificationsOverlap',
    property: ({ added }) => added.property,
    broken: () => true,
    message: ({ added, known, name }) =>
      `must have events or filters that don't overlap, but ${shown(added)} overlaps ${shown(known)} for ${name}; S3 refuses the bucket's notifications. To send to several queues, put a topic between`,
  },
];

/** What a bucket's notifications must be like. */
export const NOTIFICATIONS = check(overlaps, RULES);
