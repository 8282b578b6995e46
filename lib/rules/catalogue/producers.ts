import { type Deployment } from '../template/deployment';
import { booleanIn } from '../template/json';
import { isFifo, regionOf } from '../template/queue-end';
import { type Delivery, deliveries } from './deliveries';
import { admits, keyOf, missingKeyActions, namesSourceOnly, type QueueKeyFacts } from './queue-access';
import { TEXTS } from '../texts';
import { check, type TemplateRule } from './template-rule';
import { differ } from './wording';

interface Production extends Delivery {
  readonly key?: QueueKeyFacts;
  readonly missingKeyActions: readonly string[];
  /** Undefined for queues outside these templates. */
  readonly admitted?: boolean;
}

function* productions(app: Deployment): Iterable<Production> {
  for (const delivery of deliveries(app)) {
    const { principal, end } = delivery;
    const key = end.queue && keyOf(app, end.queue);
    yield {
      ...delivery,
      key,
      missingKeyActions: key?.key && principal !== undefined ? missingKeyActions(key.key, principal) : [],
      admitted: end.queue && (principal === undefined || admits(app, end.queue, principal)),
    };
  }
}

const property = (facts: Delivery) => facts.property;
const drops = ({ service, purpose }: Delivery) =>
  purpose === 'messages' ? `${service} drops what it can't send` : `${service} loses what it could not deliver`;
/** Services that know no FIFO queues at all, or none for their dead letters. */
const takesStandardOnly = ({ service, purpose }: Delivery) =>
  service === 'S3' ||
  service === 'Lambda' ||
  service === 'Auto Scaling' ||
  (purpose === 'dead letters' && service !== 'SNS');
const isEvents = ({ service, purpose }: Delivery) => purpose === 'messages' && service.startsWith('EventBridge');
/** A topic's messages may cross regions, and a schedule's role may call another region's queue. */
const isRegional = ({ service, purpose }: Delivery) =>
  service === 'S3' ||
  service === 'EventBridge' ||
  service === 'Lambda' ||
  (service === 'SNS' && purpose !== 'messages');

const RULES: readonly TemplateRule<Production>[] = [
  {
    id: 'Spillway-Delivery-TargetIsUrl',
    property,
    broken: ({ end }) => end.attribute === 'Ref' || end.attribute === 'QueueUrl',
    message: ({ end, service }) =>
      `must be the ARN of ${end.name} (Fn::GetAtt Arn), but was its URL; ${service} refuses other texts`,
  },
  {
    id: 'Spillway-Delivery-TopicKindMismatch',
    property,
    broken: ({ service, purpose, sourceFifo, end }) =>
      service === 'SNS' && purpose === 'messages' && sourceFifo === false && isFifo(end) === true,
    message: ({ end }) => TEXTS['Spillway-Delivery-TopicKindMismatch']({ queue: end.name }),
  },
  {
    id: 'Spillway-Delivery-DeadLetterKindMismatch',
    property,
    broken: ({ service, purpose, sourceFifo, end }) =>
      service === 'SNS' && purpose === 'dead letters' && differ(sourceFifo, isFifo(end)),
    message: ({ end, sourceFifo }) =>
      TEXTS['Spillway-Delivery-DeadLetterKindMismatch']({ queue: end.name, fifo: sourceFifo }),
  },
  {
    id: 'Spillway-Delivery-FifoUnsupported',
    property,
    broken: (facts) => takesStandardOnly(facts) && isFifo(facts.end) === true,
    message: ({ end, service, purpose }) =>
      TEXTS['Spillway-Delivery-FifoUnsupported']({ queue: end.name, service, purpose }),
  },
  {
    id: 'Spillway-Delivery-GroupMissing',
    property: (facts) =>
      facts.service === 'EventBridge Pipes'
        ? 'TargetParameters.SqsQueueParameters.MessageGroupId'
        : facts.property.replace(/Arn$/, 'SqsParameters.MessageGroupId'),
    broken: (facts) => isEvents(facts) && isFifo(facts.end) === true && facts.grouped === false,
    message: ({ end, service }) => TEXTS['Spillway-Delivery-GroupMissing']({ queue: end.name, service }),
  },
  {
    id: 'Spillway-Delivery-DeduplicationMissing',
    property,
    broken: (facts) =>
      isEvents(facts) &&
      facts.deduplicated !== true &&
      isFifo(facts.end) === true &&
      booleanIn(facts.end.queue?.get('ContentBasedDeduplication') ?? facts.end.queue === undefined) === false,
    message: ({ end, service }) => TEXTS['Spillway-Delivery-DeduplicationMissing']({ queue: end.name, service }),
  },
  {
    id: 'Spillway-Delivery-OtherRegion',
    property,
    broken: (facts) => isRegional(facts) && differ(facts.region, regionOf(facts.end)),
    message: ({ region, end, service, purpose }) =>
      TEXTS['Spillway-Delivery-OtherRegion']({ queue: end.name, service, purpose, got: regionOf(end), wanted: region }),
  },
  {
    id: 'Spillway-Delivery-ManagedKey',
    property,
    broken: ({ key, principal }) => key?.owner === 'aws' && principal !== undefined,
    message: ({ end, principal }) => TEXTS['Spillway-Delivery-ManagedKey']({ queue: end.name, sender: principal }),
  },
  {
    id: 'Spillway-Delivery-KeyRefuses',
    property,
    broken: (facts) => facts.missingKeyActions.length > 0,
    message: (facts) =>
      `must be a queue whose key lets ${facts.principal} use ${facts.missingKeyActions.join(' and ')}, but the KeyPolicy of ${facts.key?.name}, the key of ${facts.end.name}, does not; ${drops(facts)}`,
  },
  {
    id: 'Spillway-Delivery-KeyNamesSource',
    severity: 'warning',
    property,
    broken: ({ key, principal }) =>
      key?.key !== undefined && principal === 'events.amazonaws.com' && namesSourceOnly(key.key, principal),
    message: (facts) =>
      `should be a queue whose key admits ${facts.principal} without conditions on aws:SourceArn or aws:SourceAccount, but the KeyPolicy of ${facts.key?.name}, the key of ${facts.end.name}, has them; AWS documents them as not supported for EventBridge and keys of queues, so ${drops(facts)}. The queue's policy may have them`,
  },
  {
    id: 'Spillway-Delivery-KeyElsewhere',
    severity: 'warning',
    property,
    broken: ({ key, principal }) => key?.owner === 'elsewhere' && principal !== undefined,
    message: ({ end, principal, key }) =>
      TEXTS['Spillway-Delivery-KeyElsewhere']({ queue: end.name, sender: principal, key: key?.name }),
  },
  {
    id: 'Spillway-Delivery-QueueRefuses',
    property,
    broken: ({ admitted }) => admitted === false,
    message: (facts) =>
      `must be a queue whose policy lets ${facts.principal} use sqs:SendMessage, but that of ${facts.end.name} does not; ${drops(facts)}`,
  },
  {
    id: 'Spillway-Delivery-QueueElsewhere',
    severity: 'warning',
    property,
    broken: ({ end, principal }) => end.queue === undefined && principal !== undefined,
    message: ({ end, principal }) => TEXTS['Spillway-Delivery-QueueElsewhere']({ queue: end.name, sender: principal }),
  },
];

/** What the services that send to queues need of them. */
export const PRODUCERS = check(productions, RULES);
