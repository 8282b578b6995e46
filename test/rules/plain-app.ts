import { App, CfnOutput, CfnResource, Stack, type StackProps, Token } from 'aws-cdk-lib/core';
import { mixins } from '../../lib';

/** What a deployment's rules say: the errors of its synthesis, and the warnings on its constructs. */
export interface Verdict {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** An app of plain CDK resources that gains the rules with one line. */
export function verdictOn(...stacks: readonly ((app: App) => void)[]): Verdict {
  const app = new App();
  app.with(new mixins.QueueRules());
  for (const stack of stacks) stack(app);
  return synthesized(app);
}

/** Synthesizes an app, and collects what its validations and annotations say. */
export function synthesized(app: App): Verdict {
  const warnings: string[] = [];
  let errors: string[] = [];
  try {
    app.synth();
  } catch (error) {
    const [, ...lines] = (error as Error).message.split('\n');
    errors = lines.map((line) => line.trim()).filter((line) => line !== '');
  }
  for (const construct of app.node.findAll()) {
    for (const { type, data } of construct.node.metadata) {
      if (type === 'aws:cdk:warning') warnings.push(String(data));
    }
  }
  return { errors, warnings };
}

/** A stack of L1 resources, as a template would have them: logical id → [type, properties]. */
export function template(
  resources: Readonly<Record<string, readonly [string, object]>>,
  props: StackProps & { readonly name?: string } = {},
): (app: App) => void {
  return (app) => {
    const stack = new Stack(app, props.name ?? 'Stack', props);
    for (const [id, [type, properties]] of Object.entries(resources)) {
      new CfnResource(stack, id, { type, properties: properties });
    }
  };
}

/** How a stack refers to a value of another. */
export type Reference = 'strong' | 'weak';

/** The same resources, each in a stack of its own: references become exports and imports, or reads of outputs. */
export function spread(resources: Parameters<typeof template>[0], reference: Reference): ((app: App) => void)[] {
  const outputs = new Map(Object.keys(resources).map((id) => [id, new Set<string>()]));
  const referring = (value: unknown, from: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => referring(one, from));
    if (typeof value !== 'object' || value === null) return value;
    const [name = '', argument] = (Object.entries(value) as [string, unknown][])[0] ?? [];
    const [id, attribute] = name === 'Ref' ? [argument, 'Ref'] : name === 'Fn::GetAtt' ? (argument as string[]) : [];
    if (typeof id === 'string' && id !== from && outputs.get(id)?.add(attribute)) return read(id, attribute);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, referring(one, from)]));
  };
  const read = (id: string, attribute: string) =>
    reference === 'strong'
      ? { 'Fn::ImportValue': `${id}:${attribute}` }
      : { 'Fn::GetStackOutput': { StackName: id, Region: { Ref: 'AWS::Region' }, OutputName: `Read${attribute}` } };
  const own = Object.entries(resources).map(
    ([id, [type, properties]]) => [id, [type, referring(properties, id)]] as const,
  );
  return own.map(([id, resource]) => (app) => {
    template({ [id]: resource as readonly [string, object] }, { name: id })(app);
    for (const attribute of outputs.get(id) ?? []) {
      new CfnOutput(app.node.findChild(id), `Read${attribute}`, {
        value: Token.asString(attribute === 'Ref' ? { Ref: id } : { 'Fn::GetAtt': [id, attribute] }),
        exportName: reference === 'strong' ? `${id}:${attribute}` : undefined,
      });
    }
  });
}
