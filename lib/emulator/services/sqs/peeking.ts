import { MessageState, type QueuedMessage } from './queue/message';

/** A message as {@link Sqs.peek} shows it. */
export interface PeekedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly state: 'visible' | 'inFlight' | 'delayed';
  /** How often it was received, in all queues. */
  readonly receiveCount: number;
  /** In emulated milliseconds since the epoch. */
  readonly sentAt: number;
  readonly groupId?: string;
  /** String and number attributes by name; of binary ones, base64. */
  readonly attributes?: Readonly<Record<string, string>>;
}

const STATES: Readonly<Partial<Record<MessageState, PeekedMessage['state']>>> = {
  [MessageState.Visible]: 'visible',
  [MessageState.InFlight]: 'inFlight',
  [MessageState.Delayed]: 'delayed',
};

/** @param body the decrypted body */
export function peeked(message: QueuedMessage, body: string): PeekedMessage {
  const { id: messageId, extras, receives: receiveCount, sentAt, state } = message;
  const attributes = Object.entries(extras?.attributes?.values ?? {}).map(([name, { StringValue, BinaryValue }]) => [
    name,
    StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64'),
  ]);
  return {
    messageId,
    body,
    state: STATES[state] ?? 'visible',
    receiveCount,
    sentAt,
    ...(extras?.groupId !== undefined && { groupId: extras.groupId }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) as Record<string, string> }),
  };
}
