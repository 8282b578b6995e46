import type { Random } from '../../lib/emulator';
import type { TableOperation } from './dynamodb-operations';

const SECOND = 1_000;
/** The emulator's default: ten minutes from expiry to deletion. */
const DELAY = 600 * SECOND;
const TOKEN_LIFETIME = 600 * SECOND;

/** An item of the model: a counter, and perhaps a time of expiry in seconds. */
interface Counter {
  readonly n: number;
  readonly ttl?: number;
  readonly deletedAt?: number;
}

/** One action of a transaction. */
interface Action {
  readonly kind: 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
  readonly pk: string;
  readonly condition?: 'exists' | 'missing' | 'small';
  readonly ttl?: number;
}

/** A transaction, and the reasons that the model expects for its cancellation; none if it is to be made. */
export interface Transaction {
  readonly operation: TableOperation;
  readonly reasons?: readonly string[];
}

const CONDITIONS = {
  exists: 'attribute_exists(pk)',
  missing: 'attribute_not_exists(pk)',
  small: 'n < :limit',
} as const;
const LIMIT = 3;

/** What a table of counters must hold: transactions are made whole or not at all, and items expire. */
export class TableModel {
  readonly items = new Map<string, Counter>();
  private last?: { readonly operation: TableOperation; readonly at: number };
  private tokens = 0;

  constructor(
    private readonly random: Random,
    private readonly now: () => number,
  ) {}

  /** Deletes what has expired. */
  expire(): void {
    for (const [pk, { deletedAt = Infinity }] of this.items) if (deletedAt <= this.now()) this.items.delete(pk);
  }

  /** A transaction that was made before, with its token; undefined if there is none in the last ten minutes. */
  repeated(): Transaction | undefined {
    const { last } = this;
    return last !== undefined && this.now() < last.at + TOKEN_LIFETIME ? { operation: last.operation } : undefined;
  }

  /** Draws a transaction, and makes it in the model. */
  transact(): Transaction {
    const keys = new Set(Array.from({ length: this.random.integer(1, 4) }, () => `k${this.random.integer(0, 11)}`));
    const actions = [...keys].map((pk) => this.action(pk));
    const reasons = actions.map((action) => (this.meets(action) ? 'None' : 'ConditionalCheckFailed'));
    const operation = {
      action: 'TransactWriteItems',
      input: { ClientRequestToken: `t${this.tokens++}`, TransactItems: actions.map((action) => this.inJson(action)) },
    };
    if (reasons.some((reason) => reason !== 'None')) return { operation, reasons };
    for (const action of actions) this.make(action);
    this.last = { operation, at: this.now() };
    return { operation };
  }

  /** The model's items as a scan returns them, in the order of their keys. */
  expected(): object[] {
    return [...this.items]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([pk, { n, ttl }]) => ({
        pk: { S: pk },
        n: { N: String(n) },
        ...(ttl !== undefined && { ttl: { N: String(ttl) } }),
      }));
  }

  private action(pk: string): Action {
    const kinds = ['Put', 'Put', 'Update', 'Update', 'Delete', 'ConditionCheck'] as const;
    const kind = kinds[this.random.integer(0, kinds.length - 1)];
    const conditions = [undefined, undefined, 'exists', 'missing', 'small'] as const;
    const condition = conditions[this.random.integer(kind === 'ConditionCheck' ? 2 : 0, conditions.length - 1)];
    const expires = kind === 'Put' && this.random.integer(0, 2) === 0;
    const ttl = expires ? Math.floor(this.now() / SECOND) + this.random.integer(-100, 2_000) : undefined;
    return { kind, pk, condition, ttl };
  }

  private meets({ pk, condition }: Action): boolean {
    const item = this.items.get(pk);
    if (condition === undefined) return true;
    if (condition === 'small') return item !== undefined && item.n < LIMIT;
    return (condition === 'exists') === (item !== undefined);
  }

  private make({ kind, pk, ttl }: Action): void {
    const before = this.items.get(pk);
    if (kind === 'Put') {
      // An item that expires at the same second as the one before keeps its time of deletion.
      const deletedAt =
        ttl === undefined
          ? undefined
          : before !== undefined && before.ttl === ttl
            ? before.deletedAt
            : Math.max(ttl * SECOND, this.now()) + DELAY;
      this.items.set(pk, { n: 0, ttl, deletedAt });
    } else if (kind === 'Update') {
      this.items.set(pk, { ...before, n: (before?.n ?? 0) + 1 });
    } else if (kind === 'Delete') {
      this.items.delete(pk);
    }
  }

  private inJson({ kind, pk, condition, ttl }: Action): object {
    const Key = { pk: { S: pk } };
    const Item = { ...Key, n: { N: '0' }, ...(ttl !== undefined && { ttl: { N: String(ttl) } }) };
    const values = {
      ...(kind === 'Update' && { ':one': { N: '1' } }),
      ...(condition === 'small' && { ':limit': { N: String(LIMIT) } }),
    };
    return {
      [kind]: {
        TableName: 'Counters',
        ...(kind === 'Put' ? { Item } : { Key }),
        ...(kind === 'Update' && { UpdateExpression: 'ADD n :one' }),
        ...(condition !== undefined && { ConditionExpression: CONDITIONS[condition] }),
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      },
    };
  }
}
