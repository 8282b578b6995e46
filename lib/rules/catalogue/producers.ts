import { type Deployment } from '../template/deployment';
import { booleanIn } from '../template/json';
import { isFifo, regionOf } from '../template/queue-end';
import { type Delivery, deliveries } from './deliveries';
import { admits, keyOf, missingKeyActions, namesSourceOnly, type QueueKeyFacts } from './queue-access';
import { check, type TemplateRule } from './template-rule';
import { differ, kind } from './wording';

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
const isEvents = ({ service, purpose }: Delivery) =>
  purpose === 'messages' && (service === 'EventBridge' || service === 'EventBridge Scheduler');
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
      `got the URL of ${end.name}, allowed is its ARN (Fn::GetAtt Arn); ${service} refuses other texts`,
  },
  {
    id: 'Spillway-Delivery-TopicKindMismatch',
    property,
    broken: ({ service, purpose, sourceFifo, end }) =>
      service === 'SNS' && purpose === 'messages' && sourceFifo === false && isFifo(end) === true,
    message: ({ end }) =>
      `got the FIFO queue ${end.name} for a standard topic, allowed are standard queues; SNS refuses the subscription: "FIFO SQS Queues can not be subscribed to standard SNS topics"`,
  },
  {
    id: 'Spillway-Delivery-DeadLetterKindMismatch',
    property,
    broken: ({ service, purpose, sourceFifo, end }) =>
      service === 'SNS' && purpose === 'dead letters' && differ(sourceFifo, isFifo(end)),
    message: ({ end, sourceFifo }) =>
      `got the ${kind(end)} queue ${end.name}, allowed is a ${sourceFifo ? 'FIFO' : 'standard'} queue, the kind of the subscription; SNS refuses the other kind`,
  },
  {
    id: 'Spillway-Delivery-FifoUnsupported',
    property,
    broken: (facts) => takesStandardOnly(facts) && isFifo(facts.end) === true,
    message: ({ end, service, purpose }) =>
      `got the FIFO queue ${end.name}, allowed are standard queues; ${service} can't send its ${purpose} to FIFO queues`,
  },
  {
    id: 'Spillway-Delivery-GroupMissing',
    property: (facts) => facts.property.replace(/Arn$/, 'SqsParameters.MessageGroupId'),
    broken: (facts) => isEvents(facts) && isFifo(facts.end) === true && facts.grouped === false,
    message: ({ end, service }) =>
      `got none, allowed is a group for the FIFO queue ${end.name}; SQS refuses messages without one, so that ${service} refuses the target or drops each event`,
  },
  {
    id: 'Spillway-Delivery-DeduplicationMissing',
    property,
    broken: (facts) =>
      isEvents(facts) &&
      isFifo(facts.end) === true &&
      booleanIn(facts.end.queue?.get('ContentBasedDeduplication') ?? facts.end.queue === undefined) === false,
    message: ({ end, service }) =>
      `got ${end.name} without ContentBasedDeduplication, allowed are FIFO queues with it; ${service} sends no deduplication id, and SQS refuses messages without one`,
  },
  {
    id: 'Spillway-Delivery-OtherRegion',
    property,
    broken: (facts) => isRegional(facts) && differ(facts.region, regionOf(facts.end)),
    message: ({ region, end, service, purpose }) =>
      `got ${end.name} in ${regionOf(end)}, allowed is a queue in ${region}; ${service} sends ${purpose} within a region only`,
  },
  {
    id: 'Spillway-Delivery-ManagedKey',
    property,
    broken: ({ key, principal }) => key?.owner === 'aws' && principal !== undefined,
    message: (facts) =>
      `got ${facts.end.name} with KmsMasterKeyId ${facts.key?.name}, allowed are queues with SqsManagedSseEnabled or a key of your own; the policy of AWS's key lets no service in and can't be changed, so ${drops(facts)}`,
  },
  {
    id: 'Spillway-Delivery-KeyRefuses',
    property,
    broken: (facts) => facts.missingKeyActions.length > 0,
    message: (facts) =>
      `got ${facts.end.name} with the key ${facts.key?.name}, allowed is a key whose KeyPolicy lets ${facts.principal} use ${facts.missingKeyActions.join(' and ')}; otherwise ${drops(facts)}`,
  },
  {
    id: 'Spillway-Delivery-KeyNamesSource',
    severity: 'warning',
    property,
    broken: ({ key, principal }) =>
      key?.key !== undefined && principal === 'events.amazonaws.com' && namesSourceOnly(key.key, principal),
    message: (facts) =>
      `got ${facts.end.name} with the key ${facts.key?.name}, whose KeyPolicy admits ${facts.principal} on conditions of aws:SourceArn or aws:SourceAccount, allowed without an acknowledgement is a statement without them; AWS documents them as not supported for EventBridge and keys of queues, so that ${drops(facts)}. The queue's policy may have them`,
  },
  {
    id: 'Spillway-Delivery-KeyElsewhere',
    severity: 'warning',
    property,
    broken: ({ key, principal }) => key?.owner === 'elsewhere' && principal !== undefined,
    message: (facts) =>
      `got ${facts.end.name} with the key ${facts.key?.name}, which is defined elsewhere, allowed without an acknowledgement is a key of this app; a grant on another changes nothing: its policy must already let ${facts.principal} use kms:GenerateDataKey and kms:Decrypt, or else ${drops(facts)}`,
  },
  {
    id: 'Spillway-Delivery-QueueRefuses',
    property,
    broken: ({ admitted }) => admitted === false,
    message: (facts) =>
      `got ${facts.end.name}, allowed are queues whose policy lets ${facts.principal} use sqs:SendMessage; otherwise ${drops(facts)}`,
  },
  {
    id: 'Spillway-Delivery-QueueElsewhere',
    severity: 'warning',
    property,
    broken: ({ end, principal }) => end.queue === undefined && principal !== undefined,
    message: (facts) =>
      `got ${facts.end.name}, which is defined elsewhere, allowed without an acknowledgement is a queue of this app; a grant on another changes nothing: its policy must already let ${facts.principal} use sqs:SendMessage, or else ${drops(facts)}`,
  },
];

/** What the services that send to queues need of them. */
export const PRODUCERS = check(productions, RULES);
