import { Annotations } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { isAcknowledgedIn } from './acknowledged';

/** One thing that AWS would refuse, or that would lose or repeat messages. */
export interface Rule<Facts> {
  /** Public and stable: users look it up. */
  readonly id: string;
  /** Whether the rule is broken. A fact that is a token is not known at synthesis and breaks nothing. */
  readonly broken: (facts: Facts) => boolean;
  /** Names the property, what it must be, what it was, and what AWS would do. */
  readonly message: (facts: Facts) => string;
}

/** Some rules were broken: `message` has a line for each. */
export class RuleError extends Error {
  /** Distinguishes these errors from CDK's own. */
  public override readonly name = 'SpillwayRuleError';

  constructor(scope: IConstruct, findings: readonly string[]) {
    super(
      [`${scope.node.path}: ${findings.length} invalid`, ...findings.map((finding) => `  - ${readable(finding)}`)].join(
        '\n',
      ),
    );
  }
}

/** The rules that the facts break, one line each, except those acknowledged in the scope or above it. */
export function findings<Facts>(scope: IConstruct, facts: Facts, rules: readonly Rule<Facts>[]): string[] {
  return unacknowledged(scope, rules)
    .filter(({ broken }) => broken(facts))
    .map(({ id, message }) => `${readable(message(facts))} [${id}]`);
}

/**
 * Rules that were acknowledged in the scope or above it are left out.
 * @throws RuleError naming all rules that the facts break, not only the first
 */
export function enforce<Facts>(scope: IConstruct, facts: Facts, rules: readonly Rule<Facts>[]): void {
  const broken = findings(scope, facts, rules);
  if (broken.length > 0) throw new RuleError(scope, broken);
}

/**
 * Annotates the scope with warnings of what the facts break: for what works, but seldom as meant. Rules that were
 * acknowledged in the scope or above it are left out.
 */
export function warn<Facts>(scope: IConstruct, facts: Facts, rules: readonly Rule<Facts>[]): void {
  for (const { id, broken, message } of unacknowledged(scope, rules)) {
    if (broken(facts)) Annotations.of(scope).addWarningV2(id, readable(message(facts)));
  }
}

/** What CDK writes for values that are known only at deployment: a text, or a number that no one else uses. */
const TOKENS = /\$\{Token\[[^\]]*\]\}|-1\.888154589\d*e\+289/g;

function readable(message: string): string {
  return message.replace(TOKENS, '(known at deployment)');
}

function unacknowledged<Facts>(scope: IConstruct, rules: readonly Rule<Facts>[]): readonly Rule<Facts>[] {
  return rules.filter(({ id }) => !isAcknowledgedIn(scope, id));
}
