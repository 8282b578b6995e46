import { type Deployment } from '../template/deployment';
import { numberIn } from '../template/json';
import { isFifo, type QueueEnd, queueEnd } from '../template/queue-end';
import { type Resource } from '../template/resource';
import { isOutside } from '../known';
import { check, type Subject, type TemplateRule } from './template-rule';

interface Pipe extends Subject {
  readonly source: QueueEnd;
  readonly batchSize?: number;
  /** What else takes messages from the queue. */
  readonly others: readonly Resource[];
}

const most = ({ source }: Pipe) => (isFifo(source) === true ? 10 : 10_000);

/** Each pipe that takes messages from a queue. */
function* pipes(app: Deployment): Iterable<Pipe> {
  const consumers = [
    ...consumersIn(app, 'AWS::Pipes::Pipe', 'Source'),
    ...consumersIn(app, 'AWS::Lambda::EventSourceMapping', 'EventSourceArn'),
  ];
  for (const { resource, source } of consumers) {
    if (resource.type !== 'AWS::Pipes::Pipe') continue;
    const others = consumers.filter(
      (one) => one.resource !== resource && one.source.queue !== undefined && one.source.queue === source.queue,
    );
    const batchSize = numberIn(resource.get('SourceParameters', 'SqsQueueParameters', 'BatchSize'));
    yield { resource, source, batchSize, others: others.map((one) => one.resource) };
  }
}

function* consumersIn(app: Deployment, type: string, property: string) {
  for (const resource of app.ofType(type)) {
    const source = queueEnd(app, resource.get(property), resource.stack);
    if (source !== undefined) yield { resource, source };
  }
}

const RULES: readonly TemplateRule<Pipe>[] = [
  {
    id: 'Spillway-Pipe-SourceIsUrl',
    property: 'Source',
    broken: ({ source }) => source.attribute === 'Ref' || source.attribute === 'QueueUrl',
    message: ({ source }) =>
      `must be the ARN of ${source.name} (Fn::GetAtt Arn), but was its URL; EventBridge Pipes refuses other texts`,
  },
  {
    id: 'Spillway-Pipe-BatchSizeOutOfRange',
    property: 'SourceParameters.SqsQueueParameters.BatchSize',
    broken: (facts) => isOutside(facts.batchSize, 1, most(facts)),
    message: (facts) =>
      `must be a whole number between 1 and ${most(facts).toLocaleString('en-US')}, but was ${facts.batchSize}; EventBridge Pipes refuses others`,
  },
  {
    id: 'Spillway-Pipe-QueueShared',
    severity: 'warning',
    property: 'Source',
    broken: ({ others }) => others.length > 0,
    message: ({ source, others }) =>
      `should be a queue without another consumer, but ${others.map(({ path }) => path).join(', ')} takes messages from ${source.name} as well; each message reaches one of them, not all`,
  },
];

/** What EventBridge Pipes need of the queues that they take messages from. */
export const PIPES = check(pipes, RULES);
