import type { Fields } from './event-pattern';
import type { Alternative } from './match-expression';
import type { Scalar, ValueTest } from './value-tests';

/** The fields of a pattern by their places in an event. All must hold. */
export interface FieldTree {
  /** What the value here must be, if the pattern says so. */
  readonly leaf?: Leaf;
  readonly children: ReadonlyMap<string, FieldTree>;
  /** Whether any field, here or below, must be present: an array must then have one element with all of it. */
  readonly isAnchored: boolean;
  /** Whether any field, here or below, may be absent or have a certain value. */
  readonly isOptional: boolean;
}

interface Leaf {
  readonly tests: readonly ValueTest[];
  readonly mayBeAbsent: boolean;
}

interface MutableTree {
  leaf?: Leaf;
  readonly children: Map<string, MutableTree>;
  isAnchored: boolean;
  isOptional: boolean;
}

/** Whether an alternative requires a value, rather than that there is none. */
export function isPresent(alternative: Alternative): alternative is Exclude<Alternative, { isAbsence: true }> {
  return alternative.isAbsence !== true;
}

/** Arranges fields by their paths. */
export function treeOf(fields: Fields): FieldTree {
  const root = emptyTree();
  for (const [path, alternatives] of fields) {
    const tests = alternatives.filter(isPresent).map(({ test }) => test);
    const leaf: Leaf = { tests, mayBeAbsent: tests.length < alternatives.length };
    let tree = root;
    const along = [root];
    for (const name of path.split('.')) {
      let child = tree.children.get(name);
      if (child === undefined) tree.children.set(name, (child = emptyTree()));
      along.push((tree = child));
    }
    tree.leaf = leaf;
    for (const each of along) {
      if (!leaf.mayBeAbsent) each.isAnchored = true;
      else if (tests.length > 0) each.isOptional = true;
    }
  }
  return root;
}

function emptyTree(): MutableTree {
  return { children: new Map(), isAnchored: false, isOptional: false };
}

/**
 * Whether an event has all fields of a tree. The values of a field whose object is in an array must come from one
 * element. If nothing must be present, what must be absent must be so in all elements.
 */
export function matchesTree(tree: FieldTree, value: unknown, mayBeAbsent = true): boolean {
  const { leaf, children } = tree;
  if (leaf !== undefined && !matchesLeaf(leaf, value, mayBeAbsent)) return false;
  return children.size === 0 || matchesChildren(tree, value, mayBeAbsent);
}

function matchesChildren(tree: FieldTree, value: unknown, mayBeAbsent: boolean): boolean {
  if (Array.isArray(value)) {
    const within = (element: unknown) => matchesChildren(tree, element, mayBeAbsent);
    if (tree.isAnchored) return value.some(within);
    if (mayBeAbsent && value.every(within)) return true;
    return tree.isOptional && value.some((element) => matchesChildren(tree, element, false));
  }
  const object = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  for (const [name, child] of tree.children) {
    const inner = object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
    if (!matchesTree(child, inner, mayBeAbsent)) return false;
  }
  return true;
}

function matchesLeaf({ tests, mayBeAbsent }: Leaf, value: unknown, absenceCounts: boolean): boolean {
  if (mayBeAbsent && (absenceCounts || tests.length === 0) && !hasScalar(value)) return true;
  return someScalar(value, (scalar) => tests.some((test) => test(scalar)));
}

function hasScalar(value: unknown): boolean {
  return someScalar(value, () => true);
}

/** Whether a value, or an element of it if it is an array, is no object and passes a test. */
export function someScalar(value: unknown, test: (scalar: Scalar) => boolean): boolean {
  if (value === undefined) return false;
  if (Array.isArray(value)) return value.some((element) => someScalar(element, test));
  if (typeof value === 'object' && value !== null) return false;
  return test(value as Scalar);
}
