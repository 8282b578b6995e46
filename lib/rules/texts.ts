/** What SQS allows, in seconds, bytes and receives: the least and the most. */
export const QUEUE_LIMITS = {
  delay: [0, 900],
  visibility: [0, 43_200],
  retention: [60, 1_209_600],
  waitTime: [0, 20],
  messageSize: [1_024, 1_048_576],
  dataKeyReuse: [60, 86_400],
  receives: [1, 1_000],
} as const;

interface Got {
  readonly got: unknown;
}

interface Times {
  /** In seconds. */
  readonly got?: number;
  /** The queue's retention period, in seconds. */
  readonly retention?: number;
}

interface Redrive {
  readonly deadLetters?: string;
}

interface Sending {
  readonly queue?: string;
  /** Who sends: a principal, an account. */
  readonly sender?: string;
}

/** The kind of a queue, as messages name it. */
export function kindOf(fifo: boolean | undefined): string {
  return fifo === true ? 'FIFO' : 'standard';
}

/** Numbers as people write them, whatever the machine's locale. */
const number = (value: number) => value.toLocaleString('en-US');
const inSeconds = (got: unknown) => `${String(got)} ${got === 1 ? 'second' : 'seconds'}`;

/** The text of a range of seconds. */
function range([min, max]: readonly [number, number], most?: string): (facts: Got) => string {
  const wanted = `between ${number(min)} and ${number(max)} seconds${most === undefined ? '' : ` (${most})`}, in whole seconds`;
  return ({ got }) => `must be ${wanted}, but was ${inSeconds(got)}; SQS refuses others`;
}

/**
 * What is said when a rule is broken that both the constructs and the rules on templates check, by its id: one text,
 * whichever of the two finds it. The property at fault, which each calls by its own name, stands before it.
 */
export const TEXTS = {
  'Spillway-Queue-NameInvalid': ({ got, fifo }: Got & { readonly fifo?: boolean }) =>
    `must be 1 to 80 letters, digits, '-' and '_'${fifo === true ? ", the ending '.fifo' included" : ''}, but was '${String(got)}'; SQS refuses others`,
  'Spillway-Queue-NameKindMismatch': ({ got, fifo }: Got & { readonly fifo?: boolean }) =>
    `must end in '.fifo' for a FIFO queue, and must not for a standard queue, but was '${String(got)}' for a ${kindOf(fifo)} queue; SQS refuses others`,
  'Spillway-Queue-DelayOutOfRange': range(QUEUE_LIMITS.delay, '15 minutes'),
  'Spillway-Queue-VisibilityOutOfRange': range(QUEUE_LIMITS.visibility, '12 hours'),
  'Spillway-Queue-RetentionOutOfRange': range(QUEUE_LIMITS.retention, '14 days'),
  'Spillway-Queue-WaitTimeOutOfRange': range(QUEUE_LIMITS.waitTime),
  'Spillway-Queue-DataKeyReuseOutOfRange': range(QUEUE_LIMITS.dataKeyReuse, '24 hours'),
  'Spillway-Queue-MessageSizeOutOfRange': ({ got }: Got) =>
    `must be a whole number between 1,024 and 1,048,576 bytes (1 MiB), but was ${String(got)} bytes; SQS refuses others`,
  'Spillway-Queue-MaxReceiveCountOutOfRange': ({ got }: Got) =>
    `must be a whole number between 1 and 1,000, but was ${String(got)}; SQS refuses others`,
  'Spillway-Queue-DelayOutlivesRetention': ({ got, retention }: Times) =>
    `must be less than the retention period (${inSeconds(retention)}), but was ${inSeconds(got)}; SQS accepts it, and deletes each message before anyone can receive it`,
  'Spillway-Queue-VisibilityOutlivesRetention': ({ got, retention }: Times) =>
    `must be less than the retention period (${inSeconds(retention)}), but was ${inSeconds(got)}; SQS accepts it, and a message whose consumer fails expires before its second try`,
  'Spillway-Queue-GroupThroughputNeedsGroupScope': ({ got }: Got) =>
    `must be messageGroup with throughput by message group, but was ${String(got)}; SQS can't look for duplicates in the whole queue at that throughput, and refuses the two`,
  'Spillway-Queue-DataKeyReuseWithoutKey': ({ got }: Got) =>
    `should not be set without a KMS key, but was ${inSeconds(got)}; SQS ignores it, so the queue isn't encrypted with a KMS key as it seems to be`,
  'Spillway-Redrive-SingleReceive': () =>
    'should be 2 or more, but was 1; SQS then moves a message away when its consumer fails, stops or is throttled once',
  'Spillway-Redrive-KindMismatch': ({ deadLetters, fifo }: Redrive & { readonly fifo?: boolean }) =>
    `must be a ${kindOf(fifo)} queue for a ${kindOf(fifo)} queue, but was the ${kindOf(fifo !== true)} queue ${deadLetters}; SQS refuses the other kind`,
  'Spillway-Redrive-OtherRegion': ({
    deadLetters,
    got,
    wanted,
  }: Redrive & { readonly got?: string; readonly wanted?: string }) =>
    `must be in ${wanted}, the Region of the queue itself, but ${deadLetters} is in ${got}; SQS refuses others`,
  'Spillway-Redrive-OtherAccount': ({
    deadLetters,
    got,
    wanted,
  }: Redrive & { readonly got?: string; readonly wanted?: string }) =>
    `must be in account ${wanted}, that of the queue itself, but ${deadLetters} is in account ${got}; SQS refuses others`,
  'Spillway-Redrive-RetentionShorter': ({ deadLetters, got, retention }: Redrive & Times) =>
    `must have a longer retention period than the queue (${inSeconds(retention)}), but ${deadLetters} has ${inSeconds(got)}; the time in the queue counts, so SQS deletes old messages from the dead-letter queue at once`,

  'Spillway-Mapping-OtherRegion': (facts: {
    readonly handler: string;
    readonly handlerRegion?: string;
    readonly queue: string;
    readonly queueRegion?: string;
  }) =>
    `must connect a queue and a function of one Region, but ${facts.handler} is in ${facts.handlerRegion} and ${facts.queue} in ${facts.queueRegion}; Lambda refuses others`,
  'Spillway-Mapping-BatchSizeOutOfRange': ({ got, fifo }: Got & { readonly fifo?: boolean }) =>
    `must be a whole number between 1 and ${fifo === true ? '10 for a FIFO queue' : '10,000'}, but was ${String(got)}; Lambda refuses others`,
  'Spillway-Mapping-BatchNeedsWindow': ({ batchSize }: { readonly batchSize?: number }) =>
    `must be between 1 and 300 seconds with batches of ${batchSize}, but was not given; Lambda refuses batches above 10 without a window`,
  'Spillway-Mapping-WindowOutOfRange': ({ got }: Got) =>
    `must be between 0 and 300 seconds (5 minutes), in whole seconds, but was ${inSeconds(got)}; Lambda refuses others`,
  'Spillway-Mapping-WindowOnFifo': ({ got }: Got) =>
    `must not be set for a FIFO queue, but was ${inSeconds(got)}; Lambda refuses to wait for messages of a FIFO queue`,
  'Spillway-Mapping-ConcurrencyOutOfRange': ({ got }: Got) =>
    `must be a whole number between 2 and 1,000, but was ${String(got)}; Lambda refuses others`,
  'Spillway-Mapping-ConcurrencyAboveReserved': ({
    got,
    reserved,
    handler,
  }: Got & { readonly reserved?: number; readonly handler?: string }) =>
    `must be at most ${reserved}, the reserved concurrency of ${handler}, but was ${String(got)}; Lambda accepts it, is throttled, and each throttled batch uses up a receive of its messages until they are in the dead-letter queue`,
  'Spillway-Mapping-PollersAndConcurrency': () =>
    'must not be set beside a maximum concurrency; Lambda refuses both (a poller stands for up to 10 invocations at a time: limit their number instead)',
  'Spillway-Mapping-TooManyFilters': ({ got }: Got) =>
    `must have at most 10 patterns (above 5 once AWS has raised the quota), but had ${String(got)}; Lambda refuses more`,
  'Spillway-Mapping-VisibilityTight': ({
    queue,
    visibility,
    recommended,
  }: {
    readonly queue: string;
    readonly visibility?: number;
    readonly recommended?: number;
  }) =>
    `should have a visibility timeout of at least ${recommended} seconds, 6 times the function's timeout plus the batching window, but that of ${queue} is ${inSeconds(visibility)}; Lambda retries throttled batches within that time, and what outlasts it is processed twice`,

  'Spillway-Delivery-TopicKindMismatch': ({ queue }: Sending) =>
    `must be a standard queue for a standard topic, but was the FIFO queue ${queue}; SNS refuses the subscription: "FIFO SQS Queues can not be subscribed to standard SNS topics"`,
  'Spillway-Delivery-DeadLetterKindMismatch': ({ queue, fifo }: Sending & { readonly fifo?: boolean }) =>
    `must be a ${kindOf(fifo)} queue, the kind of the subscription, but was the ${kindOf(fifo !== true)} queue ${queue}; SNS refuses the other kind`,
  'Spillway-Delivery-FifoUnsupported': ({
    queue,
    service,
    purpose,
  }: Sending & { readonly service: string; readonly purpose: string }) =>
    `must be a standard queue, but was the FIFO queue ${queue}; ${service} can't send its ${purpose} to FIFO queues${service === 'S3' ? ': EventBridge can be between the two' : ''}`,
  'Spillway-Delivery-GroupMissing': ({ queue, service }: Sending & { readonly service: string }) =>
    `must be 1 to 128 letters, digits and punctuation for the FIFO queue ${queue}, but was not given; SQS refuses messages without a group, so ${service} refuses the target or drops each event`,
  'Spillway-Delivery-DeduplicationMissing': ({ queue, service }: Sending & { readonly service: string }) =>
    `must have content-based deduplication if it is a FIFO queue, but ${queue} has not; ${service} sends no deduplication id, and SQS refuses messages without one`,
  'Spillway-Delivery-OtherRegion': ({
    queue,
    service,
    purpose,
    got,
    wanted,
  }: Sending & {
    readonly service: string;
    readonly purpose: string;
    readonly got?: string;
    readonly wanted?: string;
  }) => `must be a queue in ${wanted}, but ${queue} is in ${got}; ${service} sends ${purpose} within a Region only`,
  'Spillway-Delivery-ManagedKey': ({ queue, sender }: Sending) =>
    `must have SSE-SQS or a key of your own, but ${queue} has the key alias/aws/sqs; the policy of AWS's key doesn't admit ${sender} and can't be changed, so SQS takes no message from there`,
  'Spillway-Delivery-KeyElsewhere': ({ queue, sender, key }: Sending & { readonly key?: string }) =>
    `should have a key of this app, but ${queue} has the key ${key}, which is defined elsewhere; a grant on it changes nothing: its policy must already let ${sender} use kms:GenerateDataKey and kms:Decrypt, or every message is lost`,
  'Spillway-Delivery-QueueElsewhere': ({ queue, sender }: Sending) =>
    `should be a queue of this app, but ${queue} is defined elsewhere; a grant on it changes nothing: its policy must already let ${sender} use sqs:SendMessage, or every message is lost`,
} as const;
