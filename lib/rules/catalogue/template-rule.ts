import { type Deployment } from '../template/deployment';
import { type Resource } from '../template/resource';

/** What a rule is about: always a resource, to report the finding on. */
export interface Subject {
  /** The resource whose property is wrong. */
  readonly resource: Resource;
}

/** One thing in templates that AWS would refuse, or that would lose, repeat or hide messages. */
export interface TemplateRule<Facts extends Subject> {
  /** Public and stable: users look it up and acknowledge it. */
  readonly id: string;
  /** Present for what works, but seldom as meant; absent for what AWS refuses and what loses messages. */
  readonly severity?: 'warning';
  /** The CloudFormation property at fault, from the resource's `Properties` on. */
  readonly property: string | ((facts: Facts) => string);
  /** Whether the rule is broken. What is only known at deployment breaks nothing. */
  readonly broken: (facts: Facts) => boolean;
  /** Goes on from the property's name: what it must be, what it was, and what AWS would do. */
  readonly message: (facts: Facts) => string;
}

/** A rule that a resource breaks. */
export interface Finding extends Subject {
  /** The rule's id. */
  readonly id: string;
  /** An error stops synthesis. */
  readonly severity: 'error' | 'warning';
  /** The CloudFormation property at fault. */
  readonly property: string;
  /** The finding in full. */
  readonly text: string;
}

/** Some rules, and the parts of a deployment that they are about. */
export interface Check {
  /** The ids of the rules. */
  readonly ids: readonly string[];
  /** What the deployment breaks. */
  readonly run: (app: Deployment) => Finding[];
}

/** Holds each of the subjects in a deployment against the rules. */
export function check<Facts extends Subject>(
  subjectsIn: (app: Deployment) => Iterable<Facts>,
  rules: readonly TemplateRule<Facts>[],
): Check {
  const run = (app: Deployment) => [...subjectsIn(app)].flatMap((facts) => findingsOn(facts, rules));
  return { ids: rules.map(({ id }) => id), run };
}

function findingsOn<Facts extends Subject>(facts: Facts, rules: readonly TemplateRule<Facts>[]): Finding[] {
  return rules
    .filter(({ broken }) => broken(facts))
    .map(({ id, severity = 'error' as const, property, message }): Finding => {
      const name = typeof property === 'string' ? property : property(facts);
      return {
        id,
        severity,
        resource: facts.resource,
        property: name,
        text: `${name} ${message(facts)} [${id}]`,
      };
    });
}
