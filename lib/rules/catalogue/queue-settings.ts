import { type Deployment } from '../template/deployment';
import { at, booleanIn, list, numberIn } from '../template/json';
import { isOutside } from '../known';
import { QUEUE_LIMITS, TEXTS } from '../texts';
import { type Resource } from '../template/resource';
import { check, type Subject, type TemplateRule } from './template-rule';

const DEFAULT_RETENTION = 345_600;
const DEFAULT_VISIBILITY = 30;

interface QueueSettings extends Subject {
  readonly name?: string;
  readonly fifo?: boolean;
  readonly retention?: number;
  readonly visibility?: number;
  readonly delay?: number;
  /** Another queue of this name in the same stack, or in the same account and Region. */
  readonly namesake?: Resource;
}

/** The settings of a queue, with SQS's defaults; undefined where they are known at deployment only. */
function* queues(app: Deployment): Iterable<QueueSettings> {
  const named: { readonly name: string; readonly resource: Resource }[] = [];
  for (const resource of app.ofType('AWS::SQS::Queue')) {
    const name = app.text(resource.get('QueueName'), resource.stack);
    const namesake = named.find((one) => one.name === name && isSamePlace(one.resource, resource))?.resource;
    if (name !== undefined) named.push({ name, resource });
    yield {
      resource,
      name,
      namesake,
      fifo: booleanIn(resource.get('FifoQueue') ?? false),
      retention: numberIn(resource.get('MessageRetentionPeriod') ?? DEFAULT_RETENTION),
      visibility: numberIn(resource.get('VisibilityTimeout') ?? DEFAULT_VISIBILITY),
      delay: numberIn(resource.get('DelaySeconds') ?? 0),
    };
  }
}

function isSamePlace({ stack: one }: Resource, { stack: other }: Resource): boolean {
  return one === other || (one.region !== undefined && one.region === other.region && one.account === other.account);
}

function range(id: keyof typeof RANGES): TemplateRule<QueueSettings> {
  const {
    property,
    allowed: [min, max],
  } = RANGES[id];
  return {
    id,
    property,
    broken: ({ resource }) => isOutside(numberIn(resource.get(property)), min, max),
    message: ({ resource }) => TEXTS[id]({ got: resource.get(property) }),
  };
}

const RANGES = {
  'Spillway-Queue-DelayOutOfRange': { property: 'DelaySeconds', allowed: QUEUE_LIMITS.delay },
  'Spillway-Queue-VisibilityOutOfRange': { property: 'VisibilityTimeout', allowed: QUEUE_LIMITS.visibility },
  'Spillway-Queue-RetentionOutOfRange': { property: 'MessageRetentionPeriod', allowed: QUEUE_LIMITS.retention },
  'Spillway-Queue-WaitTimeOutOfRange': { property: 'ReceiveMessageWaitTimeSeconds', allowed: QUEUE_LIMITS.waitTime },
  'Spillway-Queue-MessageSizeOutOfRange': { property: 'MaximumMessageSize', allowed: QUEUE_LIMITS.messageSize },
  'Spillway-Queue-DataKeyReuseOutOfRange': {
    property: 'KmsDataKeyReusePeriodSeconds',
    allowed: QUEUE_LIMITS.dataKeyReuse,
  },
} as const;

const FIFO_ONLY = ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'];
const fifoOnly = ({ resource }: Subject) => FIFO_ONLY.find((property) => resource.get(property) !== undefined);
const isAtLeast = (value: number | undefined, limit: number | undefined) =>
  value !== undefined && limit !== undefined && value >= limit;
const hasText = (value: unknown) => value !== undefined && value !== '';

const RULES: readonly TemplateRule<QueueSettings>[] = [
  {
    id: 'Spillway-Queue-NameInvalid',
    property: 'QueueName',
    broken: ({ name }) =>
      name !== undefined && !name.includes('${') && !/^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/.test(name),
    message: ({ name, fifo }) => TEXTS['Spillway-Queue-NameInvalid']({ got: name, fifo }),
  },
  {
    id: 'Spillway-Queue-NameKindMismatch',
    property: 'QueueName',
    broken: ({ name, fifo }) => name !== undefined && fifo !== undefined && name.endsWith('.fifo') !== fifo,
    message: ({ name, fifo }) => TEXTS['Spillway-Queue-NameKindMismatch']({ got: name, fifo }),
  },
  {
    id: 'Spillway-Queue-NameRepeated',
    property: 'QueueName',
    broken: ({ namesake }) => namesake !== undefined,
    message: ({ name, namesake }) =>
      `must be a name that no other queue has in the account and Region, but was '${name}', the name of ${namesake?.path}; CloudFormation refuses the second one`,
  },
  range('Spillway-Queue-DelayOutOfRange'),
  range('Spillway-Queue-VisibilityOutOfRange'),
  range('Spillway-Queue-RetentionOutOfRange'),
  range('Spillway-Queue-WaitTimeOutOfRange'),
  range('Spillway-Queue-MessageSizeOutOfRange'),
  range('Spillway-Queue-DataKeyReuseOutOfRange'),
  {
    id: 'Spillway-Queue-DelayOutlivesRetention',
    property: 'DelaySeconds',
    broken: ({ delay, retention }) => isAtLeast(delay, retention),
    message: ({ delay, retention }) => TEXTS['Spillway-Queue-DelayOutlivesRetention']({ got: delay, retention }),
  },
  {
    id: 'Spillway-Queue-VisibilityOutlivesRetention',
    property: 'VisibilityTimeout',
    broken: ({ visibility, retention }) => isAtLeast(visibility, retention),
    message: ({ visibility, retention }) =>
      TEXTS['Spillway-Queue-VisibilityOutlivesRetention']({ got: visibility, retention }),
  },
  {
    id: 'Spillway-Queue-FifoSettingOnStandard',
    property: (facts) => fifoOnly(facts) ?? '',
    broken: (facts) => facts.fifo === false && fifoOnly(facts) !== undefined,
    message: (facts) =>
      `must not be set on a standard queue, but was ${JSON.stringify(facts.resource.get(fifoOnly(facts) ?? ''))}; SQS knows it for FIFO queues only and refuses it`,
  },
  {
    id: 'Spillway-Queue-GroupThroughputNeedsGroupScope',
    property: 'DeduplicationScope',
    broken: ({ resource }) =>
      resource.get('FifoThroughputLimit') === 'perMessageGroupId' &&
      (resource.get('DeduplicationScope') ?? 'queue') === 'queue',
    message: ({ resource }) =>
      TEXTS['Spillway-Queue-GroupThroughputNeedsGroupScope']({ got: resource.get('DeduplicationScope') ?? 'queue' }),
  },
  {
    id: 'Spillway-Queue-TwoEncryptions',
    property: 'SqsManagedSseEnabled',
    broken: ({ resource }) =>
      booleanIn(resource.get('SqsManagedSseEnabled')) === true && hasText(resource.get('KmsMasterKeyId')),
    message: () => `must not be true if KmsMasterKeyId is set; SQS encrypts with one kind of key`,
  },
  {
    id: 'Spillway-Queue-DataKeyReuseWithoutKey',
    severity: 'warning',
    property: 'KmsDataKeyReusePeriodSeconds',
    broken: ({ resource }) =>
      hasText(resource.get('KmsDataKeyReusePeriodSeconds')) && !hasText(resource.get('KmsMasterKeyId')),
    message: ({ resource }) =>
      TEXTS['Spillway-Queue-DataKeyReuseWithoutKey']({ got: resource.get('KmsDataKeyReusePeriodSeconds') }),
  },
  {
    id: 'Spillway-Queue-RedriveAllowPolicyInvalid',
    property: 'RedriveAllowPolicy',
    broken: ({ resource }) => redriveAllowFault(resource.get('RedriveAllowPolicy')) !== undefined,
    message: ({ resource }) =>
      `must have 1 to 10 sourceQueueArns with redrivePermission byQueue, and none with allowAll and denyAll, but had ${redriveAllowFault(resource.get('RedriveAllowPolicy'))}; SQS refuses others`,
  },
];

function redriveAllowFault(policy: unknown): string | undefined {
  const permission = at(policy, 'redrivePermission');
  const sources = at(policy, 'sourceQueueArns');
  if (typeof permission !== 'string' || (sources !== undefined && !Array.isArray(sources))) return undefined;
  const count = list(sources).length;
  const allowed = permission === 'byQueue' ? count >= 1 && count <= 10 : count === 0;
  return allowed ? undefined : `${count} sourceQueueArns with redrivePermission ${permission}`;
}

/** What can be told from one queue alone. */
export const QUEUE_SETTINGS = check(queues, RULES);
