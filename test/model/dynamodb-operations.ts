import type { Random } from '../../lib/emulator';
import { SIMPLE } from '../conformance/dynamodb-rows';

/** An action of DynamoDB and its input, as JSON. */
export interface TableOperation {
  readonly action: string;
  readonly input: Record<string, unknown>;
}

type Value = Record<string, unknown>;

export const TABLES = [
  SIMPLE,
  {
    TableName: 'Sorted',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
      { AttributeName: 's', AttributeType: 'S' },
      { AttributeName: 'n', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'local',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 's', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'global',
        KeySchema: [
          { AttributeName: 's', KeyType: 'HASH' },
          { AttributeName: 'n', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['m'] },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  },
] as const;

// Without characters after U+E000 beside those beyond U+FFFF: dynalite compares UTF-16, AWS UTF-8.
const TEXTS = ['a', 'ab', 'abc', 'b', 'é', '😀', 'Ω', 'z z'];
const NUMBERS = ['0', '1', '-1', '2', '10', '2.5', '-0.25', '1e3', '100', '12345678901234567890.5', '1E-20'];
const ATTRIBUTES = ['s', 'n', 'ss', 'ns', 't', 'l', 'm', 'x'];

/** Draws operations on few keys, so that they meet. */
export class TableOperations {
  constructor(private readonly random: Random) {}

  next(): TableOperation {
    const draw = this.random.integer(0, 99);
    if (draw < 20) return this.put();
    if (draw < 44) return this.update();
    if (draw < 48) return this.legacyUpdate();
    if (draw < 50) return this.legacyRead();
    if (draw < 58) return this.delete();
    if (draw < 68) return this.get();
    if (draw < 88) return this.query();
    if (draw < 93) return this.scan();
    return draw < 97 ? this.batchWrite() : this.batchGet();
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random.integer(0, list.length - 1)];
  }

  private chance(percent: number): boolean {
    return this.random.integer(1, 100) <= percent;
  }

  private some<T>(list: readonly T[], most: number): T[] {
    const picked = Array.from({ length: this.random.integer(1, most) }, () => this.pick(list));
    return [...new Set(picked)];
  }

  private table(): 'Simple' | 'Sorted' {
    return this.chance(35) ? 'Simple' : 'Sorted';
  }

  private key(table: string): Value {
    const pk = { S: this.pick(TEXTS.slice(0, table === 'Simple' ? undefined : 3)) };
    // Now and then a key that is none.
    if (this.chance(2)) return this.pick([{}, { pk: { N: '1' } }, { pk, sk: { S: 'x' } }, { pk, more: { S: 'x' } }]);
    return table === 'Simple' ? { pk } : { pk, sk: { N: this.pick(NUMBERS) } };
  }

  private value(attribute: string): Value {
    if (this.chance(3)) return this.value(this.pick(ATTRIBUTES));
    switch (attribute) {
      case 's':
        return { S: this.pick(TEXTS) };
      case 'n':
        return { N: this.pick(NUMBERS) };
      case 'ss':
        return { SS: this.some(TEXTS, 3) };
      case 'ns':
        return { NS: this.some(['1', '2', '3.5', '-4'], 3) };
      case 't':
        return this.chance(80) ? { BOOL: this.chance(50) } : { NULL: true };
      case 'l':
        return { L: Array.from({ length: this.random.integer(0, 3) }, () => ({ N: this.pick(NUMBERS) })) };
      case 'm':
        return { M: Object.fromEntries(this.some(['p', 'q'], 2).map((name) => [name, { N: this.pick(NUMBERS) }])) };
      default:
        return this.pick([{ B: 'AQI=' }, { S: 'x' }, { N: '7' }]);
    }
  }

  private item(table: string): Value {
    const attributes = this.chance(80) ? this.some(ATTRIBUTES, 5) : [];
    return { ...this.key(table), ...Object.fromEntries(attributes.map((name) => [name, this.value(name)])) };
  }

  private put(): TableOperation {
    const table = this.table();
    const input = { TableName: table, Item: this.item(table), ReturnValues: this.pick(['NONE', 'ALL_OLD']) };
    return { action: 'PutItem', input: { ...input, ...this.condition(40) } };
  }

  private delete(): TableOperation {
    const table = this.table();
    const input = { TableName: table, Key: this.key(table), ReturnValues: this.pick(['NONE', 'ALL_OLD']) };
    return { action: 'DeleteItem', input: { ...input, ...this.condition(40) } };
  }

  private get(): TableOperation {
    const table = this.table();
    const ProjectionExpression = this.chance(50)
      ? this.some(['s', 'n', 'l[0]', 'l[1]', 'm.p', 'x', 'pk'], 3).join(', ')
      : undefined;
    return { action: 'GetItem', input: { TableName: table, Key: this.key(table), ProjectionExpression } };
  }

  private update(): TableOperation {
    const table = this.table();
    const values: Record<string, Value> = {};
    const name = (value: Value) => {
      const placeholder = `:u${Object.keys(values).length}`;
      values[placeholder] = value;
      return placeholder;
    };
    const number = () => name({ N: this.pick(NUMBERS.slice(0, 8)) });
    const sets: Record<string, () => string> = {
      s: () => `s = ${name(this.value('s'))}`,
      n: () =>
        this.pick([
          () => `n = n + ${number()}`,
          () => `n = if_not_exists(n, ${number()}) - ${number()}`,
          () => `n = ${number()}`,
        ])(),
      t: () => `t = ${name(this.value('t'))}`,
      l: () =>
        this.pick([
          () => `l = list_append(l, ${name({ L: [{ N: '5' }] })})`,
          () => `l[${this.random.integer(0, 4)}] = ${number()}`,
          () => `l = if_not_exists(l, ${name({ L: [] })})`,
        ])(),
      m: () => this.pick([() => `m.p = ${number()}`, () => `m = ${name(this.value('m'))}`, () => `m.q = n`])(),
      x: () => this.pick([() => `x = s`, () => `x = ${name(this.value('x'))}`, () => 'x = m.p'])(),
    };
    const free = this.some(ATTRIBUTES, 4);
    const taken = (list: readonly string[], most: number) => list.filter((each) => free.includes(each)).slice(0, most);
    const parts: string[] = [];
    const setting = taken(Object.keys(sets), 3);
    if (setting.length > 0) parts.push(`SET ${setting.map((each) => sets[each]()).join(', ')}`);
    const rest = free.filter((each) => !setting.includes(each));
    const adding = rest.filter((each) => each === 'ss' || each === 'ns');
    if (adding.length > 0) {
      parts.push(
        `${this.pick(['ADD', 'DELETE'])} ${adding.map((each) => `${each} ${name(this.value(each))}`).join(', ')}`,
      );
    }
    if (this.chance(20)) parts.push('REMOVE y');
    // An update that only takes away would make an item in dynalite, and does not on AWS.
    if (!parts.some((part) => /^(?:SET|ADD)/.test(part))) parts.push(`SET z = ${number()}`);
    const ReturnValues = this.pick(['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW']);
    const condition = this.condition(30);
    return {
      action: 'UpdateItem',
      input: {
        ...{ TableName: table, Key: this.key(table), UpdateExpression: parts.join(' '), ReturnValues },
        ...condition,
        ...((Object.keys(values).length > 0 || condition.ExpressionAttributeValues !== undefined) && {
          ExpressionAttributeValues: { ...values, ...(condition.ExpressionAttributeValues as object | undefined) },
        }),
      },
    };
  }

  private condition(percent: number): Record<string, unknown> {
    if (!this.chance(percent)) return {};
    const { expression, values } = this.test();
    return {
      ConditionExpression: expression,
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    };
  }

  /** Tests of attributes as they were written before there were expressions. */
  private legacyTests(): Record<string, unknown> {
    const operators: Record<string, () => unknown[]> = {
      EQ: () => [{ N: this.pick(NUMBERS) }],
      NE: () => [{ N: this.pick(NUMBERS) }],
      GE: () => [{ N: this.pick(NUMBERS) }],
      LT: () => [{ N: this.pick(NUMBERS) }],
      BETWEEN: () => [{ N: '-1' }, { N: this.pick(['1', '-2']) }],
      IN: () => [{ N: '1' }, { N: '2' }],
      NULL: () => [],
      NOT_NULL: () => [],
      CONTAINS: () => [{ S: this.pick(TEXTS) }],
      NOT_CONTAINS: () => [{ S: this.pick(TEXTS) }],
      BEGINS_WITH: () => [{ S: this.pick(TEXTS) }],
    };
    return Object.fromEntries(
      this.some(['s', 'n', 'x'], 2).map((name) => {
        const ComparisonOperator = this.pick(Object.keys(operators));
        const AttributeValueList = operators[ComparisonOperator]();
        return [name, { ComparisonOperator, ...(AttributeValueList.length > 0 && { AttributeValueList }) }];
      }),
    );
  }

  private legacyUpdate(): TableOperation {
    const table = this.table();
    const updates = this.some(ATTRIBUTES, 3).map((name): [string, object] => {
      const Action = this.pick(['PUT', 'PUT', 'ADD', 'DELETE', undefined]);
      return [name, Action === 'DELETE' && this.chance(50) ? { Action } : { Action, Value: this.value(name) }];
    });
    // An update that only takes away would make an item in dynalite, and does not on AWS.
    const AttributeUpdates = { ...Object.fromEntries(updates), z: { Value: { N: '1' } } };
    const ReturnValues = this.pick(['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW']);
    const input = { TableName: table, Key: this.key(table), AttributeUpdates, ReturnValues };
    return { action: 'UpdateItem', input: this.chance(30) ? { ...input, Expected: this.legacyTests() } : input };
  }

  private legacyRead(): TableOperation {
    if (this.chance(40)) return { action: 'Scan', input: { TableName: this.table(), ScanFilter: this.legacyTests() } };
    const sk = {
      ComparisonOperator: this.pick(['EQ', 'LT', 'LE', 'GT', 'GE', 'NE', 'BEGINS_WITH']),
      AttributeValueList: [{ N: this.pick(NUMBERS) }],
    };
    const pk = { ComparisonOperator: 'EQ', AttributeValueList: [{ S: this.pick(TEXTS.slice(0, 3)) }] };
    return {
      action: 'Query',
      input: {
        TableName: 'Sorted',
        KeyConditions: this.chance(60) ? { pk, sk } : { pk },
        QueryFilter: this.chance(40) ? this.legacyTests() : undefined,
        ConditionalOperator: undefined,
      },
    };
  }

  /** A condition on attributes that are no keys. */
  private test(depth = 0): { expression: string; values: Record<string, Value> } {
    if (depth < 2 && this.chance(35)) {
      const [left, right] = [this.test(depth + 1), this.test(depth + 1)];
      const values = { ...left.values, ...right.values };
      return { expression: `(${left.expression}) ${this.pick(['AND', 'OR'])} (${right.expression})`, values };
    }
    if (depth < 2 && this.chance(10)) {
      const { expression, values } = this.test(2);
      return { expression: `NOT (${expression})`, values };
    }
    const id = `:c${this.random.integer(0, 1e9)}`;
    const [low, high] = [`${id}l`, `${id}h`];
    const comparator = this.pick(['=', '<>', '<', '<=', '>', '>=']);
    return this.pick([
      () => ({ expression: `attribute_exists(${this.pick(ATTRIBUTES)})`, values: {} }),
      () => ({ expression: `attribute_not_exists(${this.pick(['m.p', 'l[1]', 's', 'x'])})`, values: {} }),
      () => ({ expression: `n ${comparator} ${id}`, values: { [id]: { N: this.pick(NUMBERS) } } }),
      () => ({ expression: `s ${comparator} ${id}`, values: { [id]: { S: this.pick(TEXTS) } } }),
      () => ({ expression: `ss = ${id}`, values: { [id]: { SS: this.some(TEXTS, 2) } } }),
      // Of two attributes that are missing, dynalite says that they are equal.
      () => ({ expression: `attribute_exists(m.p) AND m.p ${comparator} l[0]`, values: {} }),
      () => ({ expression: `begins_with(s, ${id})`, values: { [id]: { S: this.pick(TEXTS) } } }),
      () => ({ expression: `contains(ss, ${id})`, values: { [id]: { S: this.pick(TEXTS) } } }),
      () => ({ expression: `contains(s, ${id})`, values: { [id]: { S: this.pick(TEXTS) } } }),
      () => ({ expression: `size(ss) ${comparator} ${id}`, values: { [id]: { N: '2' } } }),
      () => ({ expression: `attribute_type(x, ${id})`, values: { [id]: { S: this.pick(['S', 'N', 'B']) } } }),
      () => ({
        expression: `n IN (${low}, ${high})`,
        values: { [low]: { N: '1' }, [high]: { N: this.pick(NUMBERS) } },
      }),
      () => ({
        expression: `n BETWEEN ${low} AND ${high}`,
        values: { [low]: { N: '-1' }, [high]: { N: this.pick(['1', '3', '-2']) } },
      }),
    ])();
  }

  private query(): TableOperation {
    const IndexName = this.pick([undefined, undefined, 'local', 'global']);
    const [partition, sort] = IndexName === 'global' ? ['s', 'n'] : ['pk', IndexName === 'local' ? 's' : 'sk'];
    const values: Record<string, Value> = { ':p': { S: this.pick(TEXTS.slice(0, 3)) } };
    const operand = () => (sort === 's' ? { S: this.pick(TEXTS) } : { N: this.pick(NUMBERS) });
    const tests: (() => string)[] = [
      () => '',
      () => '',
      ...['=', '<', '<=', '>', '>='].map((comparator) => () => {
        values[':k'] = operand();
        return ` AND ${sort} ${comparator} :k`;
      }),
      () => {
        values[':k'] = operand();
        values[':h'] = operand();
        return ` AND ${sort} BETWEEN :k AND :h`;
      },
      ...(sort === 's'
        ? [
            () => {
              values[':k'] = operand();
              return ` AND begins_with(${sort}, :k)`;
            },
          ]
        : []),
    ];
    const KeyConditionExpression = `${partition} = :p${this.pick(tests)()}`;
    const filter = IndexName !== 'global' && this.chance(25) ? this.test() : undefined;
    return {
      action: 'Query',
      input: {
        ...{ TableName: 'Sorted', IndexName, KeyConditionExpression },
        ScanIndexForward: this.pick([undefined, true, false]),
        Limit: IndexName === undefined ? this.pick([undefined, 1, 2, 5, 100]) : undefined,
        FilterExpression: filter?.expression,
        ExpressionAttributeValues: { ...values, ...filter?.values },
        Select: this.pick([undefined, undefined, 'COUNT']),
      },
    };
  }

  private scan(): TableOperation {
    const filter = this.chance(50) ? this.test() : undefined;
    return {
      action: 'Scan',
      input: {
        TableName: this.table(),
        FilterExpression: filter?.expression,
        ...(filter !== undefined &&
          Object.keys(filter.values).length > 0 && { ExpressionAttributeValues: filter.values }),
      },
    };
  }

  private batchWrite(): TableOperation {
    const RequestItems = Object.fromEntries(
      (['Simple', 'Sorted'] as const).map((table) => [
        table,
        Array.from({ length: this.random.integer(1, 3) }, () =>
          this.chance(70) ? { PutRequest: { Item: this.item(table) } } : { DeleteRequest: { Key: this.key(table) } },
        ),
      ]),
    );
    return { action: 'BatchWriteItem', input: { RequestItems } };
  }

  private batchGet(): TableOperation {
    const table = this.table();
    const Keys = Array.from({ length: this.random.integer(1, 4) }, () => this.key(table));
    return { action: 'BatchGetItem', input: { RequestItems: { [table]: { Keys } } } };
  }
}
