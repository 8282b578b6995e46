import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AwsError } from '../../../core';
import { validation } from '../errors';
import { type Item, typeOf } from '../values/attribute-value';
import { elementsOf } from '../values/comparison';
import { sum } from '../values/number';
import { type Path, valueAt } from './path';
import type { SetValue, Update } from './update';

/**
 * Returns `item` after an update; `item` itself stays as it is. Every value is read before anything changes, and list
 * indexes count the elements as they were.
 * @param exists whether the item is stored: removing from a document that is not there is an error only then
 * @throws AwsError ValidationException if the item does not allow the update
 */
export function updated(item: Item, { actions, legacy = false }: Update, exists: boolean): Item {
  const mismatch = legacy ? legacyMismatch : incorrectType;
  const values = actions.map((action) => (action.kind === 'SET' ? evaluate(item, action.value) : undefined));
  const draft = new Draft(item, exists);
  for (const [index, action] of actions.entries()) {
    switch (action.kind) {
      case 'SET':
        draft.set(action.path, values[index] as AttributeValue);
        break;
      case 'REMOVE':
        draft.remove(action.path);
        break;
      case 'ADD':
        draft.set(action.path, added(valueAt(item, action.path), action.value, mismatch));
        break;
      case 'DELETE':
        draft.subtract(action.path, action.value, mismatch);
    }
  }
  return draft.finish();
}

/** A copy of an item that changes. Only the documents on the way to a change are copied. */
class Draft {
  private readonly item: Item;
  private readonly copies = new Set<AttributeValue>();
  /** List elements that an update adds beyond a list's end, and those that it removes, applied last. */
  private readonly lists = new Map<AttributeValue[], { appended: [number, AttributeValue][]; removed: Set<number> }>();

  constructor(
    private readonly original: Item,
    private readonly exists: boolean,
  ) {
    this.item = { ...original };
  }

  public set(path: Path, value: AttributeValue): void {
    const parent = this.parentOf(path);
    const last = path[path.length - 1];
    if (typeof last === 'string') {
      if (parent?.M === undefined) throw invalidPath();
      put(parent.M, last, value);
    } else {
      if (parent?.L === undefined) throw invalidPath();
      if (last < parent.L.length) parent.L[last] = value;
      else this.changesOf(parent.L).appended.push([last, value]);
    }
  }

  public remove(path: Path): void {
    const parent = this.parentOf(path);
    const last = path[path.length - 1];
    if (typeof last === 'string' && parent?.M !== undefined) delete parent.M[last];
    else if (typeof last === 'number' && parent?.L !== undefined) this.changesOf(parent.L).removed.add(last);
    else if (this.exists) throw invalidPath();
  }

  public subtract(path: Path, elements: AttributeValue, mismatch: Mismatch): void {
    const set = valueAt(this.original, path);
    if (set === undefined) {
      const parent = this.parentOf(path);
      const last = path[path.length - 1];
      if (this.exists && (typeof last === 'string' ? parent?.M : parent?.L) === undefined) throw invalidPath();
      return;
    }
    const left = without(set, elements, mismatch);
    if (left === undefined) this.remove(path);
    else this.set(path, left);
  }

  public finish(): Item {
    for (const [list, { appended, removed }] of this.lists) {
      appended.sort(([a], [b]) => a - b);
      const kept = removed.size === 0 ? list : list.filter((_element, index) => !removed.has(index));
      list.splice(0, list.length, ...kept, ...appended.map(([, value]) => value));
    }
    return this.item;
  }

  /** The document that contains what a path leads to, as a copy; undefined if there is none. */
  private parentOf(path: Path): AttributeValue | undefined {
    let parent: AttributeValue = { M: this.item };
    for (const step of path.slice(0, -1)) {
      const child: AttributeValue | undefined =
        typeof step === 'number'
          ? parent.L?.[step]
          : parent.M !== undefined && Object.hasOwn(parent.M, step)
            ? parent.M[step]
            : undefined;
      if (child === undefined) return undefined;
      const copy = this.copyOf(child);
      if (copy !== child) {
        if (typeof step === 'number') (parent.L as AttributeValue[])[step] = copy;
        else put(parent.M as Item, step, copy);
      }
      parent = copy;
    }
    return parent;
  }

  private copyOf(value: AttributeValue): AttributeValue {
    if (this.copies.has(value)) return value;
    const copy: AttributeValue =
      value.M !== undefined ? { M: { ...value.M } } : value.L !== undefined ? { L: [...value.L] } : value;
    this.copies.add(copy);
    return copy;
  }

  private changesOf(list: AttributeValue[]) {
    let changes = this.lists.get(list);
    if (changes === undefined) this.lists.set(list, (changes = { appended: [], removed: new Set() }));
    return changes;
  }
}

/** Assigns an attribute, also one that is called `__proto__`. */
function put(map: Item, name: string, value: AttributeValue): void {
  if (name === '__proto__') {
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    map[name] = value;
  }
}

function evaluate(item: Item, value: SetValue): AttributeValue {
  switch (value.kind) {
    case 'value':
      return value.value;
    case 'path': {
      const found = valueAt(item, value.path);
      if (found === undefined) {
        throw validation('The provided expression refers to an attribute that does not exist in the item');
      }
      return found;
    }
    case 'if_not_exists':
      return valueAt(item, value.path) ?? evaluate(item, value.otherwise);
    case 'list_append': {
      const [left, right] = [evaluate(item, value.left), evaluate(item, value.right)];
      if (left.L === undefined || right.L === undefined) throw incorrectType();
      return { L: [...left.L, ...right.L] };
    }
    default: {
      const [left, right] = [evaluate(item, value.left), evaluate(item, value.right)];
      if (left.N === undefined || right.N === undefined) throw incorrectType();
      return { N: sum(left.N, right.N, value.kind === '+' ? 1 : -1) };
    }
  }
}

/** What ADD makes of a number or a set: the sum, or the union. Of lists, which only legacy updates add, all elements. */
function added(current: AttributeValue | undefined, value: AttributeValue, mismatch: Mismatch): AttributeValue {
  if (current === undefined) return value;
  if (typeOf(current) !== typeOf(value)) throw mismatch();
  if (current.L !== undefined) return { L: [...current.L, ...(value.L ?? [])] };
  if (current.N !== undefined) return { N: sum(current.N, value.N ?? '0') };
  const known = elementsOf(current);
  const isNew = newElements(value, known);
  if (current.SS !== undefined) return { SS: [...current.SS, ...(value.SS ?? []).filter(isNew)] };
  if (current.NS !== undefined) return { NS: [...current.NS, ...(value.NS ?? []).filter(isNew)] };
  return { BS: [...(current.BS ?? []), ...(value.BS ?? []).filter(isNew)] };
}

/** A set without some elements; undefined if none are left. */
function without(set: AttributeValue, elements: AttributeValue, mismatch: Mismatch): AttributeValue | undefined {
  if (typeOf(set) !== typeOf(elements)) throw mismatch();
  const isLeft = newElements(set, elementsOf(elements));
  if (set.SS !== undefined) return unlessEmpty('SS', set.SS.filter(isLeft));
  if (set.NS !== undefined) return unlessEmpty('NS', set.NS.filter(isLeft));
  return unlessEmpty('BS', (set.BS ?? []).filter(isLeft));
}

function unlessEmpty(type: 'SS' | 'NS' | 'BS', elements: readonly unknown[]): AttributeValue | undefined {
  return elements.length === 0 ? undefined : ({ [type]: elements } as unknown as AttributeValue);
}

/** A filter for the elements of `set`, by their place, that are not `known`. */
function newElements(set: AttributeValue, known: ReadonlySet<string>): (element: unknown, index: number) => boolean {
  const texts = [...elementsOf(set)];
  return (_element, index) => !known.has(texts[index]);
}

function invalidPath() {
  return validation('The document path provided in the update expression is invalid for update');
}

/** Makes the error for a value of another type. */
type Mismatch = () => AwsError;

function legacyMismatch() {
  return validation('Type mismatch for attribute to update');
}

function incorrectType() {
  return validation('An operand in the update expression has an incorrect data type');
}
