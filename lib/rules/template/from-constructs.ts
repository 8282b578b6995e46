import { CfnElement, CfnOutput, CfnResource, NestedStack, Stack, Token } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { Deployment } from './deployment';
import { at, isObject, type JsonObject } from './json';
import { type StackTemplate } from './resource';

/** The templates that a construct tree will be synthesized to. Only right once CDK has prepared the tree. */
export function deploymentOf(root: IConstruct, types: ReadonlySet<string>): Deployment {
  const templates = new Map<Stack, StackTemplate>();
  const constructs = root.node.findAll();
  const elements = new Map<Stack, CfnElement[]>();
  for (const construct of constructs) {
    if (!CfnElement.isCfnElement(construct) || !isRelevant(construct, types)) continue;
    const { stack } = construct;
    const others = elements.get(stack);
    if (others === undefined) elements.set(stack, [construct]);
    else others.push(construct);
  }
  for (const stack of constructs) if (Stack.isStack(stack)) templateOf(stack, elements, templates);
  return new Deployment([...templates.values()]);
}

function isRelevant(element: CfnElement, types: ReadonlySet<string>): boolean {
  return CfnResource.isCfnResource(element) ? types.has(element.cfnResourceType) : element instanceof CfnOutput;
}

function templateOf(
  stack: Stack,
  elements: ReadonlyMap<Stack, readonly CfnElement[]>,
  templates: Map<Stack, StackTemplate>,
): StackTemplate {
  const known = templates.get(stack);
  if (known !== undefined) return known;
  // The rendered element has what escape hatches changed as well; the public properties of an L1 have not.
  const rendered = (elements.get(stack) ?? []).map((element) => stack.resolve(element._toCloudFormation()) as unknown);
  const { nestedStackParent: parent, nestedStackResource: resource } = stack;
  const template: StackTemplate = {
    name: stack.node.path,
    stackName: NestedStack.isNestedStack(stack) ? '' : stack.stackName,
    region: Token.isUnresolved(stack.region) ? undefined : stack.region,
    account: Token.isUnresolved(stack.account) ? undefined : stack.account,
    nestedAs:
      NestedStack.isNestedStack(stack) && parent !== undefined && resource !== undefined
        ? {
            parent: templateOf(parent, elements, templates),
            logicalId: parent.resolve(parent.getLogicalId(resource)) as string,
          }
        : undefined,
    constructs: new Map(
      (elements.get(stack) ?? []).map((element) => [stack.resolve(element.logicalId) as string, element]),
    ),
    resources: merged(rendered, 'Resources'),
    outputs: merged(rendered, 'Outputs'),
  };
  templates.set(stack, template);
  return template;
}

function merged(rendered: readonly unknown[], section: string): JsonObject {
  const parts = rendered.map((one) => at(one, section)).filter(isObject);
  return Object.assign({}, ...parts) as JsonObject;
}
