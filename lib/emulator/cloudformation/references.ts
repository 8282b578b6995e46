import { functionName } from './intrinsics/evaluator';
import { attributeName } from './intrinsics/lookups';
import { substitution } from './intrinsics/texts';
import { isObject, type Json } from './provider/json';

/** A name that an expression uses, and where. */
export interface Reference {
  readonly name: string;
  readonly path: string;
}

/** The names that `Ref`, `Fn::GetAtt` and `Fn::Sub` use anywhere in an expression: resources and parameters. */
export function references(value: Json, path: string): Reference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => references(item, `${path}.${index}`));
  if (!isObject(value)) return [];
  const own: Reference[] = [];
  const name = functionName(value);
  if (name === 'Ref' && typeof value.Ref === 'string') own.push({ name: value.Ref, path: `${path}.Ref` });
  if (name === 'Fn::GetAtt') {
    const target = attributeName(value[name]);
    if (target !== undefined) own.push({ name: target[0], path: `${path}.Fn::GetAtt` });
  }
  if (name === 'Fn::Sub') {
    own.push(...variables(value[name]).map((variable) => ({ name: variable, path: `${path}.Fn::Sub` })));
  }
  return [...own, ...Object.entries(value).flatMap(([key, item]) => references(item, `${path}.${key}`))];
}

/** The names in the text of `Fn::Sub`, less those of its own variables. */
function variables(argument: Json): string[] {
  const [template, own] = Array.isArray(argument) ? argument : [argument, {}];
  if (typeof template !== 'string') return [];
  return [...template.matchAll(substitution)]
    .filter(([, literal, name]) => literal !== '!' && !(isObject(own) && Object.hasOwn(own, name.trim())))
    .map(([, , name]) => name.trim().split('.')[0]);
}
