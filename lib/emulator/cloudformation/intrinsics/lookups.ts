import { isObject, show, type Json } from '../provider/json';
import type { Intrinsic } from './evaluator';

const ref: Intrinsic = (argument, evaluator, path) => {
  if (typeof argument !== 'string') return evaluator.fail(path, `must be a name, but was ${show(argument)}`);
  return evaluator.scope.reference(argument, path);
};

/** Both forms: `["Queue", "Arn"]` and `"Queue.Arn"`. */
const getAtt: Intrinsic = (argument, evaluator, path) => {
  const [logicalId, name] = attributeName(argument) ?? [];
  if (logicalId === undefined || name === undefined) {
    return evaluator.fail(path, `must be a logical id and an attribute, but was ${show(argument)}`);
  }
  return evaluator.scope.attribute(logicalId, evaluator.text(name, `${path}.1`), path);
};

/** The logical id and the attribute in the argument of `Fn::GetAtt`; the attribute may be an expression. */
export function attributeName(argument: Json): [string, Json] | undefined {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    return dot > 0 ? [argument.slice(0, dot), argument.slice(dot + 1)] : undefined;
  }
  return Array.isArray(argument) && argument.length === 2 && typeof argument[0] === 'string'
    ? [argument[0], argument[1]]
    : undefined;
}

const findInMap: Intrinsic = (argument, evaluator, path) => {
  const [map, topKey, secondKey, otherwise] = evaluator.arguments(argument, path, 3, 4);
  const names = [map, topKey, secondKey].map((part, index) => evaluator.text(part, `${path}.${index}`));
  let found: Json | undefined = evaluator.scope.mappings;
  for (const name of names) found = isObject(found) ? found[name] : undefined;
  if (found !== undefined) return found;
  if (isObject(otherwise) && otherwise.DefaultValue !== undefined) {
    return evaluator.evaluate(otherwise.DefaultValue, `${path}.3.DefaultValue`);
  }
  return evaluator.fail(path, `there is no ${names.join('.')} in Mappings`);
};

const importValue: Intrinsic = (argument, evaluator, path) => {
  const name = evaluator.text(argument, path);
  const advice = `give it by \`--export ${name}=value\` or the option exports`;
  return evaluator.scope.imported(name) ?? evaluator.fail(path, `no stack that is deployed exports ${name}: ${advice}`);
};

const getStackOutput: Intrinsic = (argument, evaluator, path) => {
  if (!isObject(argument)) {
    return evaluator.fail(path, `must be an object with StackName and OutputName, but was ${show(argument)}`);
  }
  const text = (name: string): string | undefined =>
    argument[name] === undefined ? undefined : evaluator.text(argument[name], `${path}.${name}`);
  const stackName = text('StackName');
  const outputName = text('OutputName');
  if (stackName === undefined || outputName === undefined) {
    return evaluator.fail(path, `must have StackName and OutputName, but was ${show(argument)}`);
  }
  const account = text('RoleArn')?.split(':')[4]; // another account is reached through a role there
  return (
    evaluator.scope.outputOf(stackName, outputName, text('Region'), account) ??
    evaluator.fail(path, `no stack ${stackName} that is deployed has an output ${outputName}`)
  );
};

/** The functions that find a value by name. */
export const lookups: Readonly<Record<string, Intrinsic>> = {
  Ref: ref,
  'Fn::GetAtt': getAtt,
  'Fn::FindInMap': findInMap,
  'Fn::ImportValue': importValue,
  'Fn::GetStackOutput': getStackOutput,
};
