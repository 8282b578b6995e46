import { type Expression, MathError, type Operator } from './expression';
import { call, definitionOf } from './functions';
import { finite, instants, scalar, type Points, type Series, type Value } from './value';

/** The data that an expression can refer to. */
export interface MathScope {
  /** The period of a metric, in seconds; undefined if the id does not name a metric. */
  readonly periodOf: (id: string) => number | undefined;
  /** The starts of all periods in the range, oldest first. */
  readonly grid: readonly number[];
  /** The value of an id; undefined if there is none. */
  readonly lookup: (id: string) => Value | undefined;
  /** The metrics of the request by id, without its expressions. */
  readonly metrics: ReadonlyMap<string, Series>;
}

const OPERATORS: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? NaN : a / b),
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
};

/**
 * Evaluates an expression.
 * @throws MathError if a function is unknown or an operand has the wrong type
 */
export function evaluateMath(expression: Expression, scope: MathScope): Value {
  switch (expression.kind) {
    case 'number':
      return scalar(expression.value);
    case 'text':
      return expression;
    case 'reference': {
      const value = scope.lookup(expression.id);
      if (value === undefined) throw new MathError(`there is no metric or expression with the id '${expression.id}'`);
      return value;
    }
    case 'array':
      return { kind: 'array', elements: expression.elements.flatMap((element) => elementsOf(element, scope)) };
    case 'negation':
      return operate('-', scalar(0), evaluateMath(expression.operand, scope));
    case 'operation':
      return operate(expression.operator, evaluateMath(expression.left, scope), evaluateMath(expression.right, scope));
    case 'call': {
      const { name, operands } = expression;
      if (name === 'PERIOD') return periodOf(operands, scope);
      definitionOf(name);
      return call(
        name,
        operands.map((operand) => evaluateMath(operand, scope)),
        scope,
      );
    }
  }
}

/** PERIOD accepts only a metric: an expression's result has no period of its own. */
function periodOf(operands: readonly Expression[], scope: MathScope): Value {
  const [operand] = operands as readonly (Expression | undefined)[];
  const period = operand?.kind === 'reference' ? scope.periodOf(operand.id) : undefined;
  if (operands.length !== 1 || period === undefined) throw new MathError('PERIOD takes a metric, and no expression');
  return scalar(period);
}

function elementsOf(expression: Expression, scope: MathScope): readonly Series[] {
  const value = evaluateMath(expression, scope);
  if (value.kind === 'series') return [value];
  if (value.kind === 'array') return value.elements;
  if (value.kind === 'scalar') return [finite(scope.grid.map((instant) => [instant, value.value]))];
  throw new MathError('a text cannot be an element of an array');
}

function operate(operator: Operator, left: Value, right: Value): Value {
  if (left.kind === 'text' || right.kind === 'text') throw new MathError(`${operator} does not take a text`);
  if (left.kind === 'array' || right.kind === 'array') return operateOnArrays(operator, left, right);
  const compute = OPERATORS[operator];
  if (left.kind === 'scalar' && right.kind === 'scalar') return scalar(compute(left.value, right.value));
  if (left.kind === 'scalar') {
    return eachPoint((right as Series).points, (value) => compute(left.value, value));
  }
  if (right.kind === 'scalar') return eachPoint(left.points, (value) => compute(value, right.value));
  // If only one side has a point, the other counts as 0: hence visible/inService has no point without instances.
  return finite(
    instants([left.points, right.points]).map((instant) => [
      instant,
      compute(left.points.get(instant) ?? 0, right.points.get(instant) ?? 0),
    ]),
  );
}

function operateOnArrays(operator: Operator, left: Value, right: Value): Value {
  const length = left.kind === 'array' ? left.elements.length : right.kind === 'array' ? right.elements.length : 0;
  if (left.kind === 'array' && right.kind === 'array' && left.elements.length !== right.elements.length) {
    throw new MathError(`${operator} takes arrays of the same length, got ${length} and ${right.elements.length}`);
  }
  const element = (value: Value, index: number) => (value.kind === 'array' ? value.elements[index] : value);
  const elements = Array.from({ length }, (_, index) => operate(operator, element(left, index), element(right, index)));
  return { kind: 'array', elements: elements as Series[] };
}

function eachPoint(points: Points, compute: (value: number) => number): Series {
  return finite([...points].map(([instant, value]) => [instant, compute(value)]));
}
