import { show, type Json } from '../provider/json';
import type { Evaluator, Intrinsic } from './evaluator';

const and: Intrinsic = (argument, evaluator, path) =>
  evaluator.arguments(argument, path, 2, 10).every((item, index) => evaluator.truth(item, `${path}.${index}`));

const or: Intrinsic = (argument, evaluator, path) =>
  evaluator.arguments(argument, path, 2, 10).some((item, index) => evaluator.truth(item, `${path}.${index}`));

const not: Intrinsic = (argument, evaluator, path) => {
  const [operand] = evaluator.arguments(argument, path, 1);
  return !evaluator.truth(operand, `${path}.0`);
};

const equals: Intrinsic = (argument, evaluator, path) => {
  const [left, right] = evaluator.arguments(argument, path, 2);
  return comparable(evaluator.evaluate(left, `${path}.0`)) === comparable(evaluator.evaluate(right, `${path}.1`));
};

const choose: Intrinsic = (argument, evaluator, path) => {
  const [condition, yes, no] = evaluator.arguments(argument, path, 3);
  if (typeof condition !== 'string') {
    return evaluator.fail(`${path}.0`, `must be a condition's name, but was ${show(condition)}`);
  }
  return evaluator.condition(condition, path)
    ? evaluator.evaluate(yes, `${path}.1`)
    : evaluator.evaluate(no, `${path}.2`);
};

const contains: Intrinsic = (argument, evaluator, path) => {
  const [items, wanted] = evaluator.arguments(argument, path, 2);
  return members(evaluator, items, `${path}.0`).includes(comparable(evaluator.evaluate(wanted, `${path}.1`)));
};

const eachMemberEquals: Intrinsic = (argument, evaluator, path) => {
  const [items, wanted] = evaluator.arguments(argument, path, 2);
  const text = comparable(evaluator.evaluate(wanted, `${path}.1`));
  return members(evaluator, items, `${path}.0`).every((item) => item === text);
};

const eachMemberIn: Intrinsic = (argument, evaluator, path) => {
  const [items, allowed] = evaluator.arguments(argument, path, 2);
  const among = members(evaluator, allowed, `${path}.1`);
  return members(evaluator, items, `${path}.0`).every((item) => among.includes(item));
};

function members(evaluator: Evaluator, expression: Json, path: string): string[] {
  return evaluator.list(expression, path).map(comparable);
}

/** CloudFormation compares values as strings: "1" equals 1. */
function comparable(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The functions of conditions and rules. */
export const comparisons: Readonly<Record<string, Intrinsic>> = {
  'Fn::And': and,
  'Fn::Or': or,
  'Fn::Not': not,
  'Fn::Equals': equals,
  'Fn::If': choose,
  'Fn::Contains': contains,
  'Fn::EachMemberEquals': eachMemberEquals,
  'Fn::EachMemberIn': eachMemberIn,
};
