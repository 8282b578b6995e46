import { App, CfnResource, Stack, type StackProps } from 'aws-cdk-lib/core';
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
