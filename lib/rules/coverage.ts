import { Annotations, Stage } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { findingsIn } from './catalogue';
import { RESOURCE_TYPES } from './catalogue/resource-types';
import { deploymentOf } from './template/from-constructs';

const covered = new WeakSet<IConstruct>();

/** Has the rules look at a construct, and all that is below it, when it is synthesized. */
export function cover(scope: IConstruct): void {
  if (isCovered(scope)) return;
  covered.add(scope);
  scope.node.addValidation({ validate: () => judge(scope) });
}

/** Reports the warnings, and returns the errors. */
function judge(scope: IConstruct): string[] {
  // All of what is deployed together: a queue of the scope may have its dead letters, or its key, in another stack.
  const app = deploymentOf(Stage.of(scope) ?? scope.node.root, RESOURCE_TYPES);
  const errors: string[] = [];
  for (const { id, severity, resource, text } of findingsIn(app)) {
    const { construct } = resource;
    if (construct === undefined || nearestCovered(construct) !== scope) continue;
    if (severity === 'error') errors.push(`${resource.path}: ${text}`);
    else Annotations.of(construct).addWarningV2(id, text);
  }
  return errors;
}

function isCovered(construct: IConstruct): boolean {
  return nearestCovered(construct) !== undefined;
}

function nearestCovered(construct: IConstruct): IConstruct | undefined {
  return [...construct.node.scopes].reverse().find((scope) => covered.has(scope));
}
