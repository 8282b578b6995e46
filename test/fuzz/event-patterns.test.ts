import { Random } from '../../lib/emulator';
import { BusEvent } from '../../lib/emulator/services/events/bus-event';
import { EventBus } from '../../lib/emulator/services/events/buses/event-bus';
import { normalized } from '../../lib/emulator/services/events/patterns/normalized';
import { readWildcard, wildcardTest } from '../../lib/emulator/services/events/patterns/wildcard';
import { Rule } from '../../lib/emulator/services/events/rules/rule';
import { compilePattern } from '../../lib/emulator/services/events/rules/rule-settings';
import { type Json, type JsonObject, patternMatches } from './event-pattern-reference';

const CASES = process.env.LONG === '1' ? 100_000 : 4_000;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));
/** Each rule of a bus is compared with each event, so that the index of rules is tried too. */
const [RULES, EVENTS] = [6, 4];

const KEYS = ['a', 'b', 'c', 'toString'];
const TEXTS = [
  '',
  'x',
  'X',
  'xy',
  'xyx',
  'y*x',
  'é',
  '10.0.0.1',
  '10.0.1.1',
  '2001:db8::1',
  '10.0.0',
  '😀x',
  '\\',
  'null',
];
const NUMBERS = [0, -1, 1, 1.5, 100, 1e9, -1e9, 0.00001];
const NETWORKS = ['10.0.0.0/24', '10.0.0.1/31', '0.0.0.0/0', '10.0.1.128/25', '2001:db8::/32', '2001:db9::/64'];

class Cases {
  /** Whether events have objects in arrays. What `exists: false` means there is not documented. */
  public objectsInArrays = false;

  constructor(private readonly random: Random) {}

  /** A pattern for whole events: some look at the source too, as the index of rules does. */
  public pattern(): JsonObject {
    const pattern: JsonObject = {};
    if (this.chance(0.5)) pattern.source = this.list(1, 2, () => this.one(['shop', 'bank', 'zoo']));
    if (Object.keys(pattern).length === 0 || this.chance(0.8)) pattern.detail = this.fields(0, KEYS);
    return pattern;
  }

  public event(id: string): BusEvent {
    const source = this.one(['shop', 'bank', 'zoo']);
    const detail = JSON.stringify(this.object(0));
    const place = { account: '000000000000', region: 'us-east-1' };
    return new BusEvent({ id, source, detailType: 'x', ...place, time: 0, ingestedAt: 0, resources: [], detail });
  }

  /** Fields with these names. A name is used once, as a field that `$or` repeats is not documented. */
  private fields(depth: number, keys: readonly string[]): JsonObject {
    const names = [...keys].sort(() => this.random.next() - 0.5);
    const pattern: JsonObject = {};
    if (names.length > 2 && this.chance(0.3)) {
      const [one, other] = [names.splice(0, 1), names.splice(0, 1)];
      pattern.$or = [this.fields(depth, one), this.fields(depth, this.chance(0.5) ? one : other)];
    }
    for (const name of names.slice(0, this.number(pattern.$or === undefined ? 1 : 0, 2))) {
      const isDeeper = depth < 2 && this.chance(0.4);
      pattern[name] = isDeeper ? this.fields(depth + 1, KEYS) : this.list(1, 3, () => this.condition());
    }
    return pattern;
  }

  private condition(): Json {
    switch (this.number(0, 10)) {
      case 0:
      case 1:
      case 2:
        return this.leaf();
      case 3:
        return { prefix: this.affix() };
      case 4:
        return { suffix: this.affix() };
      case 5:
        return { 'equals-ignore-case': this.one(['x', 'XY', 'É', '']) };
      case 6:
        return { wildcard: this.wildcard() };
      case 7:
        return { numeric: this.numeric() };
      case 8:
        return { cidr: this.one(NETWORKS) };
      case 9:
        return { exists: this.objectsInArrays || this.chance(0.5) };
      default:
        return { 'anything-but': this.butOf() };
    }
  }

  private affix(): Json {
    return this.chance(0.7) ? this.one(TEXTS) : { 'equals-ignore-case': this.one(['x', 'XY', 'É']) };
  }

  private object(depth: number): JsonObject {
    const object: JsonObject = {};
    for (const key of KEYS) if (this.chance(0.6)) object[key] = this.value(depth);
    return object;
  }

  private value(depth: number): Json {
    if (depth < 3 && this.chance(0.35)) return this.object(depth + 1);
    if (depth < 3 && this.chance(0.35)) {
      return this.list(0, 3, () => (this.objectsInArrays ? this.value(depth + 1) : this.leaf()));
    }
    return this.leaf();
  }

  private leaf(): Json {
    const kind = this.number(0, 9);
    if (kind < 6) return this.one(TEXTS);
    return kind < 9 ? this.one(NUMBERS) : this.one([true, false, null]);
  }

  private wildcard(): string {
    const parts = this.list(1, 4, () => this.one(['', 'x', 'y', 'xy', '\\*', '\\\\', '😀', '10.']));
    return parts.join('*').replace(/\*\*+/g, '*');
  }

  private numeric(): Json[] {
    const [low, high] = [this.one([-1, 0, 1]), this.one([1.5, 100, 1e9])];
    return this.one<Json[]>([
      ['=', low],
      ['<', high],
      ['<=', low],
      ['>', low],
      ['>=', high],
      ['>', low, '<=', high],
      ['>=', low, '<', high],
    ]);
  }

  private butOf(): Json {
    const texts = () => this.list(1, 2, () => this.one(TEXTS.slice(1)));
    return this.one<() => Json>([
      () => this.one(TEXTS),
      () => this.one(NUMBERS),
      () => this.list(1, 3, () => this.one(TEXTS)),
      () => this.list(1, 3, () => this.one(NUMBERS)),
      () => ({ prefix: this.chance(0.5) ? this.one(TEXTS.slice(1)) : texts() }),
      () => ({ suffix: this.chance(0.5) ? this.one(TEXTS.slice(1)) : texts() }),
      () => ({ 'equals-ignore-case': this.chance(0.5) ? this.one(TEXTS) : texts() }),
      () => ({ wildcard: this.chance(0.5) ? this.wildcard() : [this.wildcard(), this.wildcard()] }),
    ])();
  }

  public list<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: this.number(least, most) }, make);
  }

  private one<T>(values: readonly T[]): T {
    return values[this.number(0, values.length - 1)];
  }

  private number(least: number, most: number): number {
    return this.random.integer(least, most);
  }

  public chance(share: number): boolean {
    return this.random.next() < share;
  }
}

test(`rules match what the documentation says, in ${CASES} random cases (SEED=${SEED})`, () => {
  const cases = new Cases(new Random(SEED));
  let [compared, matched] = [0, 0];
  while (compared < CASES) {
    cases.objectsInArrays = cases.chance(0.4);
    const bus = new EventBus('default', 'us-east-1', '000000000000', 0);
    const patterns = cases.list(RULES, RULES, () => cases.pattern());
    for (const [index, pattern] of patterns.entries()) {
      const patternText = JSON.stringify(pattern);
      const settings = { patternText, pattern: compilePattern(patternText), state: 'ENABLED' } as const;
      bus.addRule(new Rule(String(index), 'default', 'us-east-1', '000000000000', settings));
    }
    for (const event of cases.list(EVENTS, EVENTS, () => cases.event(String(compared)))) {
      const found = new Set(bus.matching(event).map(({ name }) => name));
      for (const [index, pattern] of patterns.entries()) {
        const expected = patternMatches(pattern, JSON.parse(event.text) as JsonObject);
        compared++;
        if (expected) matched++;
        if (found.has(String(index)) !== expected) {
          const only = expected ? 'the documentation' : 'the emulator';
          throw new Error(`matched by ${only} only: pattern ${JSON.stringify(pattern)}, event ${event.text}`);
        }
      }
    }
  }
  // The cases must be worth something: many events match.
  expect(matched).toBeGreaterThan(CASES / 20);
});

/** A view of a value that counts how often something is read from it or from what is within it. */
function counted<T extends object>(value: T, count: { reads: number }): T {
  return new Proxy(value, {
    get(target, name) {
      count.reads++;
      const inner: unknown = Reflect.get(target, name);
      if (typeof inner === 'function') return inner.bind(target) as unknown;
      return typeof inner === 'object' && inner !== null ? counted(inner, count) : inner;
    },
    getOwnPropertyDescriptor(target, name) {
      count.reads++;
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
  });
}

/** Characters that a wildcard reads of a text of this length that it does not match. */
function readsOfWildcard(pattern: string, length: number): number {
  const count = { reads: 0 };
  const text = counted(Object('x'.repeat(length)) as object, count) as unknown as string;
  expect(wildcardTest(readWildcard(pattern))(text)).toBe(false);
  return count.reads;
}

test.each(['x*x*x*y*', `*${'x'.repeat(100)}y*`, '*xy*xy*z*', '*x*x*x*xz*'])(
  'the wildcard %s reads each character of a text a bounded number of times',
  (pattern) => {
    expect(readsOfWildcard(pattern, 1_000)).toBeLessThan(5_000);
    expect(readsOfWildcard(pattern, 100_000)).toBeLessThan(500_000);
  },
);

/** Events that grow in one direction each, and a pattern that no such event matches. */
const GROWING: readonly [what: string, pattern: object, detail: (size: number) => Json][] = [
  ['scalars in an array', { a: ['y', { prefix: 'y' }] }, (size) => ({ a: Array<Json>(size).fill('x') })],
  ['objects in an array', { a: { b: ['x'], c: ['y'] } }, (size) => ({ a: Array<Json>(size).fill({ b: 'x', c: 'x' }) })],
  [
    'fields that no pattern asks for',
    { a: ['y'] },
    (size) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i])),
  ],
  [
    'alternatives over objects in arrays in arrays',
    { $or: [{ a: { b: { c: ['y'] } } }, { a: { b: { c: [{ 'anything-but': 'x' }] } } }] },
    (size) => ({ a: Array<Json>(10).fill({ b: Array<Json>(size / 10).fill({ c: 'x' }) }) }),
  ],
];

test.each(GROWING)('matching takes reads in proportion to %s', (_what, pattern, detail) => {
  const compiled = compilePattern(JSON.stringify({ detail: pattern }));
  const reads = (size: number) => {
    const count = { reads: 0 };
    const event = counted(normalized({ detail: detail(size) }) as object, count);
    expect(compiled.matches(event)).toBe(false);
    return count.reads;
  };
  const [small, large] = [reads(1_000), reads(10_000)];
  expect(large).toBeLessThanOrEqual(Math.max(100, small * 10.5));
});
