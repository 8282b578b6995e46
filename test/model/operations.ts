import * as fc from 'fast-check';

/** Which receipt handle: one of the last few given out, any ever given out, another queue's, or none that ever was. */
export interface HandlePick {
  readonly from: 'recent' | 'any' | 'otherQueue' | 'garbage';
  readonly pick: number;
}

export interface SendOperation {
  readonly body: number;
  readonly group: number;
  /** In seconds. */
  readonly delay?: number;
  /** 'own' is one that no other message has. */
  readonly deduplication?: number | 'own';
  /** Whether it has a character that SQS refuses. */
  readonly forbidden?: boolean;
}

/** Whether it is done to the dead-letter queue. */
interface Targeted {
  readonly dead: boolean;
}

export type Operation =
  | ({ readonly kind: 'send'; readonly message: SendOperation } & Targeted)
  | ({ readonly kind: 'sendBatch'; readonly messages: readonly SendOperation[] } & Targeted)
  | ({
      readonly kind: 'receive';
      readonly max: number;
      readonly visibility?: number;
      readonly wait?: number;
      readonly attempt?: number;
    } & Targeted)
  | ({ readonly kind: 'delete'; readonly handle: HandlePick } & Targeted)
  | ({ readonly kind: 'deleteBatch'; readonly handles: readonly HandlePick[] } & Targeted)
  | ({ readonly kind: 'changeVisibility'; readonly handle: HandlePick; readonly visibility: number } & Targeted)
  | ({
      readonly kind: 'changeVisibilityBatch';
      readonly changes: readonly { readonly handle: HandlePick; readonly visibility: number }[];
    } & Targeted)
  | ({ readonly kind: 'purge' } & Targeted)
  | { readonly kind: 'pass'; readonly milliseconds: number }
  | { readonly kind: 'set'; readonly attributes: QueueTerms };

/** Attributes of the queue, in seconds and counts; `maxReceiveCount` 0 is no dead-letter queue. */
export interface QueueTerms {
  readonly visibility?: number;
  readonly delay?: number;
  readonly retention?: number;
  readonly wait?: number;
  readonly maxReceiveCount?: number;
  readonly contentBased?: boolean;
}

/** What a trial begins with. */
export interface Setting {
  readonly terms: QueueTerms;
  readonly scope: 'queue' | 'messageGroup';
  readonly inFlightLimit: number;
}

const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const terms: fc.Arbitrary<QueueTerms> = fc.record({
  visibility: maybe(oneOf(0, 1, 5, 30)),
  delay: maybe(oneOf(0, 0, 0, 2, 60)),
  retention: maybe(oneOf(60, 120, 3_600, 345_600)),
  wait: maybe(oneOf(0, 0, 5)),
  maxReceiveCount: maybe(oneOf(0, 1, 2, 3)),
  contentBased: maybe(fc.boolean()),
});

export const setting: fc.Arbitrary<Setting> = fc.record({
  terms,
  scope: oneOf('queue', 'messageGroup'),
  inFlightLimit: oneOf(4, 120_000, 120_000),
});

const dead = oneOf(false, false, false, false, true);
const visibility = oneOf(0, 1, 2, 5, 5, 30, 600, 43_200);
const handle: fc.Arbitrary<HandlePick> = fc.record({
  from: oneOf('recent', 'recent', 'recent', 'recent', 'any', 'any', 'otherQueue', 'garbage'),
  pick: fc.nat(1_000),
});
const message: fc.Arbitrary<SendOperation> = fc.record({
  body: fc.nat(9),
  group: fc.nat(2),
  delay: oneOf(undefined, undefined, undefined, 0, 1, 5, 900),
  deduplication: fc.oneof(
    { weight: 6, arbitrary: fc.constant('own' as const) },
    { weight: 2, arbitrary: fc.nat(5) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  forbidden: fc.nat(30).map((draw) => draw === 30),
});

const kinds: Record<Operation['kind'], { weight: number; arbitrary: fc.Arbitrary<Operation> }> = {
  send: { weight: 24, arbitrary: fc.record({ kind: fc.constant('send' as const), dead, message }) },
  sendBatch: {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('sendBatch' as const),
      dead,
      messages: fc.array(message, { minLength: 1, maxLength: 10 }),
    }),
  },
  receive: {
    weight: 28,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      dead,
      max: fc.integer({ min: 1, max: 10 }),
      visibility: maybe(visibility),
      wait: oneOf(undefined, 0, 0, 0, 1, 20),
      attempt: oneOf(undefined, undefined, undefined, 0, 1),
    }),
  },
  delete: { weight: 12, arbitrary: fc.record({ kind: fc.constant('delete' as const), dead, handle }) },
  deleteBatch: {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('deleteBatch' as const),
      dead,
      handles: fc.array(handle, { minLength: 1, maxLength: 10 }),
    }),
  },
  changeVisibility: {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('changeVisibility' as const), dead, handle, visibility }),
  },
  changeVisibilityBatch: {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('changeVisibilityBatch' as const),
      dead,
      changes: fc.array(fc.record({ handle, visibility }), { minLength: 1, maxLength: 5 }),
    }),
  },
  purge: { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge' as const), dead }) },
  pass: {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      milliseconds: oneOf(1, 500, 1_000, 1_000, 2_000, 5_000, 5_000, 30_000, 60_000, 300_000, 3_600_000, 43_200_000),
    }),
  },
  set: { weight: 2, arbitrary: fc.record({ kind: fc.constant('set' as const), attributes: terms }) },
};

export const operations = fc.array(fc.oneof(...Object.values(kinds)), { maxLength: 200, size: 'max' });
