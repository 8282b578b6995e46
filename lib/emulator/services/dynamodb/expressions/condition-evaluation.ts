import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Item, typeOf } from '../values/attribute-value';
import { bytesAsText, compare, equal } from '../values/comparison';
import type { Comparator, Condition, Operand } from './condition';
import { valueAt } from './path';

/** Whether an item meets a condition. A comparison with an attribute that is missing, or of another type, is false. */
export function meets(item: Item, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return meets(item, condition.left) && meets(item, condition.right);
    case 'or':
      return meets(item, condition.left) || meets(item, condition.right);
    case 'not':
      return !meets(item, condition.condition);
    case 'compare':
      return compares(condition.by, resolve(item, condition.left), resolve(item, condition.right));
    case 'between': {
      const value = resolve(item, condition.operand);
      return (
        compares('>=', value, resolve(item, condition.low)) && compares('<=', value, resolve(item, condition.high))
      );
    }
    case 'in': {
      const value = resolve(item, condition.operand);
      return condition.among.some((each) => compares('=', value, resolve(item, each)));
    }
    case 'attribute_exists':
      return resolve(item, condition.operand) !== undefined;
    case 'attribute_not_exists':
      return resolve(item, condition.operand) === undefined;
    case 'attribute_type': {
      const value = resolve(item, condition.operand);
      return value !== undefined && typeOf(value) === resolve(item, condition.argument)?.S;
    }
    case 'begins_with':
      return beginsWith(resolve(item, condition.operand), resolve(item, condition.argument));
    case 'contains':
      return contains(resolve(item, condition.operand), resolve(item, condition.argument));
  }
}

function resolve(item: Item, operand: Operand): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'path') return valueAt(item, operand.path);
  const value = resolve(item, operand.of);
  const size = value === undefined ? undefined : sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

/** The `size` function: characters of a string, bytes of a binary, elements of the rest; undefined for other types. */
function sizeOf(value: AttributeValue): number | undefined {
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.S ?? value.B ?? value.SS ?? value.NS ?? value.BS ?? value.L)?.length;
}

function compares(by: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (by === '<>') return left === undefined || right === undefined ? left !== right : !equal(left, right);
  if (left === undefined || right === undefined) return false;
  if (by === '=') return equal(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  if (by === '<') return order < 0;
  if (by === '<=') return order <= 0;
  return by === '>' ? order > 0 : order >= 0;
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value?.S !== undefined) return prefix?.S !== undefined && value.S.startsWith(prefix.S);
  if (value?.B === undefined || prefix?.B === undefined) return false;
  return Buffer.compare(value.B.subarray(0, prefix.B.length), prefix.B) === 0;
}

function contains(value: AttributeValue | undefined, element: AttributeValue | undefined): boolean {
  if (value === undefined || element === undefined) return false;
  if (value.S !== undefined) return element.S !== undefined && value.S.includes(element.S);
  if (value.B !== undefined) return element.B !== undefined && bytesAsText(value.B).includes(bytesAsText(element.B));
  if (value.SS !== undefined) return element.S !== undefined && value.SS.includes(element.S);
  if (value.NS !== undefined) return element.N !== undefined && value.NS.includes(element.N);
  if (value.L !== undefined) return value.L.some((each) => equal(each, element));
  const { B: bytes } = element;
  return bytes !== undefined && (value.BS ?? []).some((each) => Buffer.compare(each, bytes) === 0);
}
