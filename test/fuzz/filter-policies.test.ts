import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { Random } from '../../lib/emulator';
import { type FilterScope, leavesOf, readFilterPolicy } from '../../lib/emulator/services/sns/filters/filter-policy';
import { attributesMatch, bodyMatches } from './filter-reference';

const CASES = process.env.LONG === '1' ? 100_000 : 4_000;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

const KEYS = ['a', 'b', 'c', '$or', 'toString'];
const TEXTS = ['', 'x', 'X', 'xy', 'xyx', 'y*x', 'ß', 'ÿ', '10.0.0.1', '10.0.1.1', '10.0.0', '😀x', 'prefix', '\\'];
const NUMBERS = [0, -1, 1, 1.5, 100, 1e9, -1e9, 0.00001];

class Cases {
  constructor(private readonly random: Random) {}

  public policy(depth: number, nested: boolean): { [name: string]: Json } {
    const policy: { [name: string]: Json } = {};
    for (let count = this.number(1, 2); count > 0; count--) {
      const key = this.one(KEYS);
      if (key === '$or' && depth < 2 && this.chance(0.7)) {
        policy[key] = this.list(2, 3, () => this.policy(depth + 1, nested));
      } else if (nested && depth < 3 && this.chance(0.3)) policy[key] = this.policy(depth + 1, nested);
      else policy[key] = this.list(1, 3, () => this.condition());
    }
    return policy;
  }

  public condition(): Json {
    switch (this.number(0, 9)) {
      case 0:
      case 1:
        return this.leaf();
      case 2:
        return { prefix: this.one(TEXTS) };
      case 3:
        return { suffix: this.one(TEXTS) };
      case 4:
        return { 'equals-ignore-case': this.one(['x', 'XY', 'abc', '']) };
      case 5:
        return { wildcard: this.wildcard() };
      case 6:
        return { numeric: this.numeric() };
      case 7:
        return { cidr: this.one(['10.0.0.0/24', '10.0.0.1/32', '0.0.0.0/0', '10.0.1.128/25']) };
      case 8:
        return { exists: this.chance(0.5) };
      default:
        return { 'anything-but': this.butOf() };
    }
  }

  public body(depth = 0): { [name: string]: Json } {
    const body: { [name: string]: Json } = {};
    for (const key of KEYS) if (this.chance(0.5)) body[key] = this.value(depth);
    return body;
  }

  public attributes(): Record<string, MessageAttributeValue> {
    const attributes: Record<string, MessageAttributeValue> = {};
    for (const key of KEYS) {
      const kind = this.number(0, 4);
      if (kind === 0) attributes[key] = { DataType: 'String', StringValue: this.one(TEXTS) };
      if (kind === 1) attributes[key] = { DataType: 'Number', StringValue: String(this.one(NUMBERS)) };
      if (kind === 2) {
        const list = this.list(0, 3, () => this.leaf());
        attributes[key] = { DataType: 'String.Array', StringValue: JSON.stringify(list) };
      }
    }
    return attributes;
  }

  private value(depth: number): Json {
    if (depth < 3 && this.chance(0.3)) return this.body(depth + 1);
    if (depth < 3 && this.chance(0.3)) return this.list(0, 3, () => this.value(depth + 1));
    return this.leaf();
  }

  private leaf(): Json {
    const kind = this.number(0, 9);
    if (kind < 5) return this.one(TEXTS);
    return kind < 8 ? this.one(NUMBERS) : this.one([true, false, null]);
  }

  private wildcard(): string {
    const parts = this.list(1, 4, () => this.one(['', 'x', 'y', 'xy', '\\*', '\\\\', '😀', '10.']));
    return parts.join('*').replace(/\*\*+/g, '*').slice(0, 20);
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
    return this.one<() => Json>([
      () => this.one(TEXTS),
      () => this.one(NUMBERS),
      () => this.list(1, 3, () => this.one<Json>([...TEXTS, ...NUMBERS])),
      () => ({ prefix: this.one(TEXTS) }),
      () => ({ suffix: this.one(TEXTS) }),
      () => ({ wildcard: this.wildcard() }),
    ])();
  }

  private list<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: this.number(least, most) }, make);
  }

  private one<T>(values: readonly T[]): T {
    return values[this.number(0, values.length - 1)];
  }

  private number(least: number, most: number): number {
    return this.random.integer(least, most);
  }

  private chance(share: number): boolean {
    return this.random.next() < share;
  }
}

/** Compiles a policy; undefined if it is over SNS's limits, which the reference does not have. */
function compiled(policy: Json, scope: FilterScope) {
  const refuse = (reason: string) => new Error(reason);
  try {
    return readFilterPolicy(JSON.stringify(policy), scope, refuse);
  } catch (error) {
    const { message } = error as Error;
    if (/too complex|more than 5 keys|Invalid escape|Consecutive wildcard/.test(message)) return undefined;
    throw error;
  }
}

test(`filters accept what the documentation says, in ${CASES} random cases (SEED=${SEED})`, () => {
  const cases = new Cases(new Random(SEED));
  let [compared, accepted] = [0, 0];
  for (let index = 0; index < CASES; index++) {
    const scope: FilterScope = index % 2 === 0 ? 'MessageBody' : 'MessageAttributes';
    const policy = cases.policy(0, scope === 'MessageBody');
    const filter = compiled(policy, scope);
    const body = cases.body();
    const attributes = cases.attributes();
    if (filter === undefined) continue;
    const leaves = leavesOf(attributes);
    const found = filter.refuses({ attributes, body, leaves }) === undefined;
    const values = Object.fromEntries([...leaves.values].map(([name, list]) => [name, [...list]]));
    const expected =
      scope === 'MessageBody'
        ? bodyMatches(policy, JSON.parse(JSON.stringify(body)) as { [name: string]: Json })
        : attributesMatch(policy, Object.assign(Object.create(null) as object, values));
    compared++;
    if (expected) accepted++;
    if (found !== expected) {
      const shown = scope === 'MessageBody' ? body : attributes;
      throw new Error(
        `${found ? 'accepted' : 'refused'} by the emulator only, policy ${JSON.stringify(policy)}, message ${JSON.stringify(shown)}`,
      );
    }
  }
  // The cases must be worth something: most policies are within the limits, and some messages are accepted.
  expect(compared).toBeGreaterThan(CASES / 2);
  expect(accepted).toBeGreaterThan(CASES / 20);
});

test('a filter takes time in proportion to the message, whatever the pattern', () => {
  const patterns = ['x*x*x*y', `${'x'.repeat(1_000)}*x*y`, '*xy*xy*z'];
  const policies = patterns.map((wildcard) => compiled({ a: [{ wildcard }] }, 'MessageBody'));
  const timeOf = (length: number) => {
    const body = { a: 'x'.repeat(length) };
    const start = performance.now();
    for (let turn = 0; turn < 20; turn++) {
      for (const policy of policies) policy?.refuses({ attributes: {}, body, leaves: leavesOf({}) });
    }
    return performance.now() - start;
  };
  timeOf(10_000);
  const [short, long] = [timeOf(25_000), timeOf(250_000)];
  expect(long).toBeLessThan(Math.max(short, 5) * 40);
});

test('a body that is nested deeply, or has many values, is filtered', () => {
  const filter = compiled({ a: { b: ['x'] } }, 'MessageBody');
  const refuses = (text: string) =>
    filter?.refuses({ attributes: {}, body: JSON.parse(text) as unknown, leaves: leavesOf({}) });
  const depth = 50_000;
  expect(refuses(`{"a":${'['.repeat(depth)}{"b":"x"}${']'.repeat(depth)}}`)).toBeUndefined();
  expect(refuses(`{"a":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`)).toBe('MessageBody');
  expect(refuses(`{"a":[${'{"b":"y"},'.repeat(100_000)}{"b":"x"}]}`)).toBeUndefined();
});
