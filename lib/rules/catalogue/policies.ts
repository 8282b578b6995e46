import { type Deployment } from '../template/deployment';
import { at, list } from '../template/json';
import { allows, isConditioned, isForEveryone, namesSource, statements } from './policy-statement';
import { type AttachedPolicy, queuePolicies } from './queue-access';
import { check, type Subject, type TemplateRule } from './template-rule';

const MAX_STATEMENTS = 20;
const PRODUCERS = /^(sns|s3|events)\./;

interface PolicyFacts extends AttachedPolicy {
  readonly statements: readonly unknown[];
  readonly overwritten: readonly string[];
  readonly urlFault?: string;
}

function* policies(app: Deployment): Iterable<PolicyFacts> {
  const all = [...queuePolicies(app)];
  for (const policy of all) {
    const { resource, queues } = policy;
    const clashes = all.filter(
      (other) =>
        other.resource !== resource &&
        other.queues.some(({ queue }) => queue !== undefined && queues.some((own) => own.queue === queue)),
    );
    yield {
      ...policy,
      statements: statements(resource.get('PolicyDocument')),
      overwritten: clashes.map((other) => other.resource.path),
      urlFault: queues.find(({ value }) => app.target(value, resource.stack)?.attribute === 'Arn')?.property,
    };
  }
}

const RULES: readonly TemplateRule<PolicyFacts>[] = [
  {
    id: 'Spillway-QueuePolicy-TargetIsArn',
    property: ({ urlFault }) => urlFault ?? 'Queues',
    broken: ({ urlFault }) => urlFault !== undefined,
    message: () => `must be the URL of a queue (Ref), but was its ARN; CloudFormation finds no queue by its ARN`,
  },
  {
    id: 'Spillway-QueuePolicy-Overwritten',
    property: 'Queues',
    broken: ({ overwritten }) => overwritten.length > 0,
    message: ({ overwritten }) =>
      `must be a queue without another policy, but ${overwritten.join(', ')} sets one as well; the one that is deployed last replaces the others`,
  },
  {
    id: 'Spillway-QueuePolicy-TooManyStatements',
    property: 'PolicyDocument.Statement',
    broken: (facts) => facts.statements.length > MAX_STATEMENTS,
    message: (facts) => `must have at most ${MAX_STATEMENTS}, but had ${facts.statements.length}; SQS refuses more`,
  },
];

interface StatementFacts extends Subject {
  readonly index: number;
  readonly statement: unknown;
  readonly service?: string;
}

function* policyStatements(app: Deployment): Iterable<StatementFacts> {
  for (const { resource } of queuePolicies(app)) {
    for (const [index, statement] of statements(resource.get('PolicyDocument')).entries()) {
      const services = list(at(statement, 'Principal', 'Service'));
      const service = services.find((one): one is string => typeof one === 'string' && PRODUCERS.test(one));
      yield { resource, index, statement, service };
    }
  }
}

const condition = ({ index }: StatementFacts) => `PolicyDocument.Statement[${index}].Condition`;

const STATEMENT_RULES: readonly TemplateRule<StatementFacts>[] = [
  {
    id: 'Spillway-QueuePolicy-OpenToEveryone',
    property: condition,
    broken: ({ statement }) =>
      at(statement, 'Effect') === 'Allow' && isForEveryone(statement) && !isConditioned(statement),
    message: () =>
      `must name who may use the queue if the principal is '*', but was not given; anyone on the internet could use the queue`,
  },
  {
    id: 'Spillway-QueuePolicy-SourceUnnamed',
    severity: 'warning',
    property: condition,
    broken: ({ statement, service }) =>
      service !== undefined && allows(statement, 'sqs:SendMessage') && !namesSource(statement),
    message: ({ service }) =>
      `should have aws:SourceArn or aws:SourceAccount with the principal ${service}, but had neither; other accounts could have the service send to the queue for them`,
  },
];

/** What queue policies must be like. */
export const POLICIES = [check(policies, RULES), check(policyStatements, STATEMENT_RULES)];
