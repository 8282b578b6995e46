import type { DeploymentContext } from './provider/deployment-context';
import { DeploymentError } from './deployment-error';
import { show, type Json } from './provider/json';
import type { TemplateParameter } from './template';

/** A stack's parameters: what was given, else the defaults, checked against what the template allows. */
export function parameterValues(
  stackName: string,
  declared: Readonly<Record<string, TemplateParameter>>,
  given: Readonly<Record<string, string>>,
  parameterInStore: DeploymentContext['parameter'],
): Map<string, Json> {
  const unknown = Object.keys(given).find((name) => declared[name] === undefined);
  if (unknown !== undefined) {
    const all = Object.keys(declared).join(', ') || 'none';
    throw new DeploymentError(stackName, 'Parameters', `there is no parameter ${unknown}; there are: ${all}`);
  }
  const values = new Map<string, Json>();
  for (const [name, parameter] of Object.entries(declared)) {
    const fail: (problem: string) => never = (problem) => {
      throw new DeploymentError(stackName, `Parameters.${name}`, problem);
    };
    const text = Object.hasOwn(given, name) ? given[name] : parameter.Default?.toString();
    if (text === undefined) {
      const advice = `give it by \`--parameter ${stackName}:${name}=value\` or the option parameters`;
      fail(`it has no default, and no value was given: ${advice}`);
    }
    values.set(name, parameterValue(parameter, text, parameterInStore, fail));
  }
  return values;
}

function parameterValue(
  parameter: TemplateParameter,
  text: string,
  parameterInStore: DeploymentContext['parameter'],
  fail: (problem: string) => never,
): Json {
  const stored = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(parameter.Type);
  check(parameter, stored === null ? parameter.Type : 'String', text, fail);
  if (stored === null) return typed(parameter.Type, text, fail);
  const value = parameterInStore(text);
  if (value !== undefined) return typed(stored[1], value, fail);
  return fail(missingParameter(text));
}

/** What to say if the Parameter Store has no parameter of a name. */
export function missingParameter(name: string): string {
  return `the Parameter Store has no parameter ${name}: give it by \`--ssm ${name}=value\` or the option ssm`;
}

function typed(type: string, text: string, fail: (problem: string) => never): Json {
  if (type === 'CommaDelimitedList' || /^List<.+>$/.test(type)) {
    const items = text === '' ? [] : text.split(',').map((item) => item.trim());
    const wrong = type === 'List<Number>' ? items.find((item) => !isNumber(item)) : undefined;
    return wrong === undefined ? items : fail(`must be a list of numbers, but was ${show(text)}`);
  }
  if (type === 'Number' && !isNumber(text)) return fail(`must be a number, but was ${show(text)}`);
  if (type === 'String' || type === 'Number' || type.startsWith('AWS::')) return text;
  return fail(`the type ${type} is unknown`);
}

function check(parameter: TemplateParameter, type: string, text: string, fail: (problem: string) => never): void {
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue } = parameter;
  const items =
    type === 'CommaDelimitedList' || type.startsWith('List<') ? text.split(',').map((i) => i.trim()) : [text];
  const because = parameter.ConstraintDescription === undefined ? '' : ` (${parameter.ConstraintDescription})`;
  for (const item of items) {
    const refuse = (allowed: string): void => void fail(`must be ${allowed}, but was ${show(item)}${because}`);
    if (AllowedValues !== undefined && !AllowedValues.map(String).includes(item)) {
      refuse(`one of ${AllowedValues.join(', ')}`);
    }
    if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(item)) {
      refuse(`a match of ${AllowedPattern}`);
    }
    if (MinLength !== undefined && item.length < Number(MinLength)) refuse(`at least ${MinLength} characters long`);
    if (MaxLength !== undefined && item.length > Number(MaxLength)) refuse(`at most ${MaxLength} characters long`);
    if (MinValue !== undefined && Number(item) < Number(MinValue)) refuse(`at least ${MinValue}`);
    if (MaxValue !== undefined && Number(item) > Number(MaxValue)) refuse(`at most ${MaxValue}`);
  }
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
