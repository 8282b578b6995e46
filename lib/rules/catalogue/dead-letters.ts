import { type Deployment } from '../template/deployment';
import { at, isObject, numberIn } from '../template/json';
import { accountOf, isFifo, type QueueEnd, queueEnd, regionOf } from '../template/queue-end';
import { type Resource } from '../template/resource';
import { isOutside } from '../known';
import { QUEUE_LIMITS, TEXTS } from '../texts';
import { differ } from './wording';
import { check, type Subject, type TemplateRule } from './template-rule';

const DEFAULT_RETENTION = 345_600;

interface Redrive extends Subject {
  readonly source: QueueEnd;
  readonly deadLetters: QueueEnd;
  readonly maxReceiveCount?: number;
  readonly refusal?: string;
}

/** Each queue with a redrive policy, and its dead-letter queue. */
function* redrives(app: Deployment): Iterable<Redrive> {
  for (const resource of app.ofType('AWS::SQS::Queue')) {
    const policy = resource.get('RedrivePolicy');
    const deadLetters = queueEnd(app, at(policy, 'deadLetterTargetArn'), resource.stack);
    if (!isObject(policy)) continue;
    yield {
      resource,
      source: { queue: resource, name: resource.path },
      deadLetters: deadLetters ?? { name: 'a queue known at deployment only' },
      maxReceiveCount: numberIn(policy.maxReceiveCount),
      refusal: deadLetters?.queue && refusal(app, resource, deadLetters.queue),
    };
  }
}

/** Why a dead-letter queue doesn't take messages of a source. */
function refusal(app: Deployment, source: Resource, deadLetters: Resource): string | undefined {
  const policy = deadLetters.get('RedriveAllowPolicy');
  const permission = at(policy, 'redrivePermission');
  if (permission === 'denyAll') return 'denyAll';
  const sources = at(policy, 'sourceQueueArns');
  if (permission !== 'byQueue' || !Array.isArray(sources)) return undefined;
  const ends = sources.map((arn) => queueEnd(app, arn, deadLetters.stack));
  // One that is known at deployment only may be the source.
  const mayBeSource = ends.some((end) => end === undefined || end.queue === source);
  return mayBeSource ? undefined : `byQueue for ${ends.map((end) => end?.name).join(', ')}`;
}

const retention = ({ queue }: QueueEnd) => queue && numberIn(queue.get('MessageRetentionPeriod') ?? DEFAULT_RETENTION);

/** Only where expiry counts from the first enqueueing: in FIFO queues it starts anew when a message moves. */
function retentions({ source, deadLetters }: Redrive): readonly [number, number] | undefined {
  const [before, after] = [retention(source), retention(deadLetters)];
  return isFifo(source) !== false || before === undefined || after === undefined ? undefined : [before, after];
}

const TARGET = 'RedrivePolicy.deadLetterTargetArn';
const COUNT = 'RedrivePolicy.maxReceiveCount';

const RULES: readonly TemplateRule<Redrive>[] = [
  {
    id: 'Spillway-Queue-MaxReceiveCountOutOfRange',
    property: COUNT,
    broken: ({ maxReceiveCount }) => isOutside(maxReceiveCount, ...QUEUE_LIMITS.receives),
    message: ({ maxReceiveCount }) => TEXTS['Spillway-Queue-MaxReceiveCountOutOfRange']({ got: maxReceiveCount }),
  },
  {
    id: 'Spillway-Redrive-SingleReceive',
    severity: 'warning',
    property: COUNT,
    broken: ({ maxReceiveCount }) => maxReceiveCount === 1,
    message: () => TEXTS['Spillway-Redrive-SingleReceive'](),
  },
  {
    id: 'Spillway-Redrive-KindMismatch',
    property: TARGET,
    broken: ({ source, deadLetters }) => differ(isFifo(source), isFifo(deadLetters)),
    message: ({ source, deadLetters }) =>
      TEXTS['Spillway-Redrive-KindMismatch']({ deadLetters: deadLetters.name, fifo: isFifo(source) }),
  },
  {
    id: 'Spillway-Redrive-OtherRegion',
    property: TARGET,
    broken: ({ source, deadLetters }) => differ(regionOf(source), regionOf(deadLetters)),
    message: ({ source, deadLetters }) =>
      TEXTS['Spillway-Redrive-OtherRegion']({
        deadLetters: deadLetters.name,
        got: regionOf(deadLetters),
        wanted: regionOf(source),
      }),
  },
  {
    id: 'Spillway-Redrive-OtherAccount',
    property: TARGET,
    broken: ({ source, deadLetters }) => differ(accountOf(source), accountOf(deadLetters)),
    message: ({ source, deadLetters }) =>
      TEXTS['Spillway-Redrive-OtherAccount']({
        deadLetters: deadLetters.name,
        got: accountOf(deadLetters),
        wanted: accountOf(source),
      }),
  },
  {
    id: 'Spillway-Redrive-RetentionShorter',
    property: TARGET,
    broken: (facts) => {
      const known = retentions(facts);
      return known !== undefined && known[1] < known[0];
    },
    message: (facts) =>
      TEXTS['Spillway-Redrive-RetentionShorter']({
        deadLetters: facts.deadLetters.name,
        got: retentions(facts)?.[1],
        retention: retentions(facts)?.[0],
      }),
  },
  {
    id: 'Spillway-Redrive-RetentionNotLonger',
    severity: 'warning',
    property: TARGET,
    broken: (facts) => {
      const known = retentions(facts);
      return known !== undefined && known[1] === known[0];
    },
    message: (facts) =>
      `should be a queue with a longer MessageRetentionPeriod than this queue's own, but ${facts.deadLetters.name} has the same (${retentions(facts)?.[0]}); the time in the queue counts, so little may be left to look at a failed message`,
  },
  {
    id: 'Spillway-Redrive-SourceRefused',
    property: TARGET,
    broken: ({ refusal }) => refusal !== undefined,
    message: ({ deadLetters, refusal }) =>
      `must be a queue whose RedriveAllowPolicy permits this queue, but that of ${deadLetters.name} is ${refusal}; SQS refuses the RedrivePolicy`,
  },
  {
    id: 'Spillway-Redrive-ToItself',
    property: TARGET,
    broken: ({ resource, deadLetters }) => deadLetters.queue === resource,
    message: () => 'must be another queue, but was the queue itself; messages would never leave it',
  },
];

/** What a queue and its dead-letter queue must agree on. */
export const DEAD_LETTERS = check(redrives, RULES);

/** The queues that are dead-letter queues of others in the deployment. */
export function deadLetterQueues(app: Deployment): ReadonlySet<Resource> {
  return new Set([...redrives(app)].flatMap(({ deadLetters: { queue } }) => (queue === undefined ? [] : [queue])));
}
