import { isObject, mapOfEntries, show, type Json } from '../provider/json';
import type { Intrinsic } from './evaluator';

const join: Intrinsic = (argument, evaluator, path) => {
  const [delimiter, items] = evaluator.arguments(argument, path, 2);
  const texts = evaluator.list(items, `${path}.1`).map((item, index) => evaluator.text(item, `${path}.1.${index}`));
  return texts.join(evaluator.text(delimiter, `${path}.0`));
};

const split: Intrinsic = (argument, evaluator, path) => {
  const [delimiter, source] = evaluator.arguments(argument, path, 2);
  return evaluator.text(source, `${path}.1`).split(evaluator.text(delimiter, `${path}.0`));
};

const select: Intrinsic = (argument, evaluator, path) => {
  const [position, items] = evaluator.arguments(argument, path, 2);
  const index = Number(evaluator.text(position, `${path}.0`));
  const list = evaluator.list(items, `${path}.1`);
  if (Number.isInteger(index) && index >= 0 && index < list.length) return list[index];
  return evaluator.fail(path, `the index must be from 0 to ${list.length - 1}, but was ${show(position)}`);
};

/** Both forms: a string, and a string with a map of variables. */
const sub: Intrinsic = (argument, evaluator, path) => {
  const [template, variables] = Array.isArray(argument)
    ? evaluator.arguments(argument, path, 2)
    : [argument, mapOfEntries<Json>([])];
  if (typeof template !== 'string' || !isObject(variables)) {
    return evaluator.fail(path, `must be a string, or a string and a map of variables, but was ${show(argument)}`);
  }
  return template.replace(substitution, (_, literal: string, variable: string) => {
    if (literal === '!') return `\${${variable}}`;
    const name = variable.trim();
    if (variables[name] !== undefined) return evaluator.text(variables[name], `${path}.1.${name}`);
    const dot = name.indexOf('.');
    const value: Json =
      dot > 0
        ? evaluator.scope.attribute(name.slice(0, dot), name.slice(dot + 1), path)
        : evaluator.scope.reference(name, path);
    return (Array.isArray(value) ? value : [value]).map((item) => evaluator.text(item, path)).join(',');
  });
};

/** A variable in the text of `Fn::Sub`: `${Name}`, or `${!Name}`, which stands for itself without the `!`. */
export const substitution = /\$\{(!?)([^}]*)\}/g;

const base64: Intrinsic = (argument, evaluator, path) =>
  Buffer.from(evaluator.text(argument, path), 'utf8').toString('base64');

const length: Intrinsic = (argument, evaluator, path) => evaluator.list(argument, path).length;

const toJsonString: Intrinsic = (argument, evaluator, path) => JSON.stringify(evaluator.evaluate(argument, path));

/** The functions on strings and lists. */
export const texts: Readonly<Record<string, Intrinsic>> = {
  'Fn::Join': join,
  'Fn::Split': split,
  'Fn::Select': select,
  'Fn::Sub': sub,
  'Fn::Base64': base64,
  'Fn::Length': length,
  'Fn::ToJsonString': toJsonString,
};
