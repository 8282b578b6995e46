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
  const allowed = `whole seconds from ${number(min)} to ${number(max)}${most === undefined ? '' : ` (${most})`}`;
  return ({ got }) => `got ${inSeconds(got)}, allowed are ${allowed}; SQS refuses others`;
}

/**
 * What is said when a rule is broken that both the constructs and the rules on templates check, by its id: one text,
 * whichever of the two finds it. The property at fault, which each calls by its own name, stands before it.
 */
export const TEXTS = {
  'Spillway-Queue-NameInvalid': ({ got, fifo }: Got & { readonly fifo?: boolean }) =>
    `got '${String(got)}', allowed are 1 to 80 letters, digits, '-' and '_'${fifo === true ? ", the ending '.fifo' included" : ''}; SQS refuses others`,
  'Spillway-Queue-NameKindMismatch': ({ got, fifo }: Got & { readonly fifo?: boolean }) =>
    `got '${String(got)}' for a ${kindOf(fifo)} queue, allowed are names with the ending '.fifo' for FIFO queues, and without it for standard queues; SQS refuses others`,
  'Spillway-Queue-DelayOutOfRange': range(QUEUE_LIMITS.delay, '15 minutes'),
  'Spillway-Queue-VisibilityOutOfRange': range(QUEUE_LIMITS.visibility, '12 hours'),
  'Spillway-Queue-RetentionOutOfRange': range(QUEUE_LIMITS.retention, '14 days'),
  'Spillway-Queue-WaitTimeOutOfRange': range(QUEUE_LIMITS.waitTime),
  'Spillway-Queue-DataKeyReuseOutOfRange': range(QUEUE_LIMITS.dataKeyReuse, '24 hours'),
  'Spillway-Queue-MessageSizeOutOfRange': ({ got }: Got) =>
    `got ${String(got)} bytes, allowed are whole numbers from 1,024 to 1,048,576 (1 MiB); SQS refuses others`,
  'Spillway-Queue-MaxReceiveCountOutOfRange': ({ got }: Got) =>
    `got ${String(got)}, allowed are whole numbers from 1 to 1,000; SQS refuses others`,
  'Spillway-Queue-DelayOutlivesRetention': ({ got, retention }: Times) =>
    `got ${inSeconds(got)}, allowed is less than the retention period (${inSeconds(retention)}); SQS accepts it, and deletes each message before anyone can receive it`,
  'Spillway-Queue-VisibilityOutlivesRetention': ({ got, retention }: Times) =>
    `got ${inSeconds(got)}, allowed is less than the retention period (${inSeconds(retention)}); SQS accepts it, and a message whose consumer fails expires before its second try`,
  'Spillway-Queue-GroupThroughputNeedsGroupScope': ({ got }: Got) =>
    `got ${String(got)}, allowed with throughput by message group is messageGroup; SQS can't look for duplicates in the whole queue at that throughput, and refuses the two`,
  'Spillway-Queue-DataKeyReuseWithoutKey': ({ got }: Got) =>
    `got ${inSeconds(got)}, allowed without an acknowledgement is none without a key of KMS; SQS ignores it, so the queue isn't encrypted with a key of KMS as it seems to be`,
  'Spillway-Redrive-SingleReceive': () =>
    'got 1, allowed without an acknowledgement are 2 and more; SQS then moves a message away when its consumer fails, stops or is throttled once',
  'Spillway-Redrive-KindMismatch': ({ deadLetters, fifo }: Redrive & { readonly fifo?: boolean }) =>
    `got the ${kindOf(fifo !== true)} queue ${deadLetters}, allowed for a ${kindOf(fifo)} queue is a ${kindOf(fifo)} queue; SQS refuses the other kind`,
  'Spillway-Redrive-OtherRegion': ({
    deadLetters,
    got,
    wanted,
  }: Redrive & { readonly got?: string; readonly wanted?: string }) =>
    `got ${deadLetters} in ${got}, allowed is a queue in ${wanted}, the Region of the queue itself; SQS refuses others`,
  'Spillway-Redrive-OtherAccount': ({
    deadLetters,
    got,
    wanted,
  }: Redrive & { readonly got?: string; readonly wanted?: string }) =>
    `got ${deadLetters} in account ${got}, allowed is a queue in account ${wanted}, that of the queue itself; SQS refuses others`,
  'Spillway-Redrive-RetentionShorter': ({ deadLetters, got, retention }: Redrive & Times) =>
    `got ${deadLetters} with a retention period of ${inSeconds(got)}, allowed is more than that of the queue (${inSeconds(retention)}); the time in the queue counts, so SQS deletes old messages from the dead-letter queue at once`,

  'Spillway-Mapping-OtherRegion': (facts: {
    readonly handler: string;
    readonly handlerRegion?: string;
    readonly queue: string;
    readonly queueRegion?: string;
  }) =>
    `got ${facts.queue} in ${facts.queueRegion} for ${facts.handler} in ${facts.handlerRegion}, allowed are a queue and a function in one Region; Lambda refuses others`,
  'Spillway-Mapping-BatchSizeOutOfRange': ({ got, fifo }: Got & { readonly fifo?: boolean }) =>
    `got ${String(got)}, allowed are whole numbers from 1 to ${fifo === true ? '10 for a FIFO queue' : '10,000'}; Lambda refuses others`,
  'Spillway-Mapping-BatchNeedsWindow': ({ batchSize }: { readonly batchSize?: number }) =>
    `got none, allowed with batches of ${batchSize} are 1 to 300 seconds; Lambda refuses batches above 10 without a window`,
  'Spillway-Mapping-WindowOutOfRange': ({ got }: Got) =>
    `got ${inSeconds(got)}, allowed are whole seconds from 0 to 300 (5 minutes); Lambda refuses others`,
  'Spillway-Mapping-WindowOnFifo': ({ got }: Got) =>
    `got ${inSeconds(got)}, allowed is none for a FIFO queue; Lambda refuses to wait for messages of a FIFO queue`,
  'Spillway-Mapping-ConcurrencyOutOfRange': ({ got }: Got) =>
    `got ${String(got)}, allowed are whole numbers from 2 to 1,000; Lambda refuses others`,
  'Spillway-Mapping-ConcurrencyAboveReserved': ({
    got,
    reserved,
    handler,
  }: Got & { readonly reserved?: number; readonly handler?: string }) =>
    `got ${String(got)}, allowed are up to ${reserved}, the reserved concurrency of ${handler}; Lambda accepts it, is throttled, and each throttled batch uses up a receive of its messages until they are in the dead-letter queue`,
  'Spillway-Mapping-PollersAndConcurrency': () =>
    'got provisioned pollers beside a maximum concurrency, allowed is one of the two; Lambda refuses both (a poller stands for up to 10 invocations at a time: limit their number instead)',
  'Spillway-Mapping-TooManyFilters': ({ got }: Got) =>
    `got ${String(got)}, allowed are up to 10 (above 5 once AWS has raised the quota); Lambda refuses more`,
  'Spillway-Mapping-VisibilityTight': ({
    queue,
    visibility,
    recommended,
  }: {
    readonly queue: string;
    readonly visibility?: number;
    readonly recommended?: number;
  }) =>
    `got ${queue} with a visibility timeout of ${inSeconds(visibility)}, allowed without an acknowledgement are ${recommended} seconds and more: 6 times the function's timeout and the batching window; Lambda retries throttled batches within that time, and what outlasts it is processed twice`,

  'Spillway-Delivery-TopicKindMismatch': ({ queue }: Sending) =>
    `got the FIFO queue ${queue} for a standard topic, allowed is a standard queue, or a FIFO topic; SNS refuses the subscription: "FIFO SQS Queues can not be subscribed to standard SNS topics"`,
  'Spillway-Delivery-DeadLetterKindMismatch': ({ queue, fifo }: Sending & { readonly fifo?: boolean }) =>
    `got the ${kindOf(fifo !== true)} queue ${queue}, allowed is a ${kindOf(fifo)} queue, the kind of the subscription; SNS refuses the other kind`,
  'Spillway-Delivery-FifoUnsupported': ({
    queue,
    service,
    purpose,
  }: Sending & { readonly service: string; readonly purpose: string }) =>
    `got the FIFO queue ${queue}, allowed are standard queues; ${service} can't send its ${purpose} to FIFO queues${service === 'S3' ? ': EventBridge can be between the two' : ''}`,
  'Spillway-Delivery-GroupMissing': ({ queue, service }: Sending & { readonly service: string }) =>
    `got none, allowed is a group for the FIFO queue ${queue}, of 1 to 128 letters, digits and punctuation; SQS refuses messages without one, so that ${service} refuses the target or drops each event`,
  'Spillway-Delivery-DeduplicationMissing': ({ queue, service }: Sending & { readonly service: string }) =>
    `got the FIFO queue ${queue} without content-based deduplication, allowed are FIFO queues with it; ${service} sends no deduplication id, and SQS refuses messages without one`,
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
  }) => `got ${queue} in ${got}, allowed is a queue in ${wanted}; ${service} sends ${purpose} within a Region only`,
  'Spillway-Delivery-ManagedKey': ({ queue, sender }: Sending) =>
    `got ${queue} with the key alias/aws/sqs, allowed are SSE-SQS or a key of your own; the policy of AWS's key doesn't admit ${sender} and can't be changed, so that SQS takes no message from there`,
  'Spillway-Delivery-KeyElsewhere': ({ queue, sender, key }: Sending & { readonly key?: string }) =>
    `got ${queue} with the key ${key}, which is defined elsewhere, allowed without an acknowledgement is a key of this app; a grant on another changes nothing: its policy must already let ${sender} use kms:GenerateDataKey and kms:Decrypt, or every message is lost`,
  'Spillway-Delivery-QueueElsewhere': ({ queue, sender }: Sending) =>
    `got ${queue}, which is defined elsewhere, allowed without an acknowledgement is a queue of this app; a grant on another changes nothing: its policy must already let ${sender} use sqs:SendMessage, or every message is lost`,
} as const;
