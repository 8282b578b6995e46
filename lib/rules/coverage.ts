import { Annotations, Stage } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { findingsIn } from './catalogue';
import { RESOURCE_TYPES } from './catalogue/resource-types';
import { type Finding } from './catalogue/template-rule';
import { deploymentOf } from './template/from-constructs';
import { type Resource } from './template/resource';

const covered = new WeakSet<IConstruct>();
const coveredAgainst = new WeakMap<IConstruct, Set<string>>();

/** Has the rules look at a construct, and all that is below it, when it is synthesized. */
export function cover(scope: IConstruct): void {
  if (isCovered(scope)) return;
  covered.add(scope);
  scope.node.addValidation({ validate: () => judge(scope) });
}

/** Has one rule look at a construct when it is synthesized, whether or not the app has asked for all of them. */
export function coverAgainst(scope: IConstruct, rule: string): void {
  const rules = coveredAgainst.get(scope) ?? new Set();
  if (rules.has(rule)) return;
  coveredAgainst.set(scope, rules.add(rule));
  const isBelow = ({ construct }: Resource) => construct?.node.scopes.includes(scope) === true;
  scope.node.addValidation({
    validate: () =>
      isCovered(scope)
        ? []
        : findingsAround(scope)
            .filter(({ id, resource }) => id === rule && isBelow(resource))
            .map(inFull),
  });
}

/** Reports the warnings, and returns the errors. */
function judge(scope: IConstruct): string[] {
  const errors: string[] = [];
  for (const finding of findingsAround(scope)) {
    const { id, severity, text, resource } = finding;
    const { construct } = resource;
    if (construct === undefined || nearestCovered(construct) !== scope) continue;
    if (severity === 'error') errors.push(inFull(finding));
    else Annotations.of(construct).addWarningV2(id, text);
  }
  return errors;
}

/** Of all that is deployed together: a queue of the scope may have its dead letters, or its key, in another stack. */
function findingsAround(scope: IConstruct): Finding[] {
  return findingsIn(deploymentOf(Stage.of(scope) ?? scope.node.root, RESOURCE_TYPES));
}

function inFull({ resource, text }: Finding): string {
  return `${resource.path}: ${text}`;
}

function isCovered(construct: IConstruct): boolean {
  return nearestCovered(construct) !== undefined;
}

function nearestCovered(construct: IConstruct): IConstruct | undefined {
  return [...construct.node.scopes].reverse().find((scope) => covered.has(scope));
}
