import type { CheckedMessage } from '../publishing/message';
import type { MessageAttributes } from '../publishing/message-attributes';
import { type Filterable, leavesOf } from '../filters/filter-policy';
import { certificateUrl, signatureOf } from '../signing/signer';
import type { Protocol } from '../subscriptions/protocols';
import type { Topic } from '../topics/topic';

/** What is the same for all subscriptions that get a message. */
interface Envelope {
  /** The members before UnsubscribeURL and after it, as JSON without braces. */
  readonly before: string;
  readonly after: string;
  readonly signature?: string;
}

/** A published message on its way to the subscriptions of its topic. */
export class Notification implements Filterable {
  public readonly attributes: MessageAttributes;
  public readonly groupId?: string;
  public readonly deduplicationId?: string;
  private readonly envelopes = new Map<string, Envelope>();
  private parsed?: { readonly body: unknown };
  private filterable?: Filterable['leaves'];

  constructor(
    public readonly topic: Topic,
    public readonly message: CheckedMessage,
    public readonly messageId: string,
    /** In milliseconds since the epoch. */
    public readonly publishedAt: number,
    public readonly sequenceNumber: string | undefined,
    /** The base of the link with which a subscription is ended. */
    private readonly endpoint: string,
  ) {
    this.attributes = message.attributes;
    if (message.groupId !== undefined) this.groupId = message.groupId;
    if (message.deduplicationId !== undefined) this.deduplicationId = message.deduplicationId;
  }

  /** The parsed body; undefined if it is not JSON. Parsed once, however many filters look at it. */
  public get body(): unknown {
    this.parsed ??= { body: parsedJson(this.message.bodies.default) };
    return this.parsed.body;
  }

  public get leaves(): Filterable['leaves'] {
    return (this.filterable ??= leavesOf(this.attributes));
  }

  /** The message for subscriptions of a protocol. */
  public textFor(protocol: Protocol): string {
    const { bodies } = this.message;
    return Object.hasOwn(bodies, protocol) ? bodies[protocol] : bodies.default;
  }

  /** The JSON that queues and HTTP endpoints get, without raw delivery. */
  public envelopeFor(protocol: Protocol, subscriptionArn: string): string {
    const { before, after } = this.envelopeOf(protocol);
    return `{${before},"UnsubscribeURL":${JSON.stringify(this.unsubscribeUrl(subscriptionArn))}${after}}`;
  }

  /** The event of a function. */
  public eventFor(subscriptionArn: string): object {
    const { subject = null } = this.message;
    const { topic, messageId } = this;
    return {
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: subscriptionArn,
          Sns: {
            Type: 'Notification',
            MessageId: messageId,
            TopicArn: topic.arn,
            Subject: subject,
            Message: this.textFor('lambda'),
            Timestamp: this.timestamp,
            SignatureVersion: topic.signatureVersion,
            Signature: this.envelopeOf('lambda').signature,
            SigningCertUrl: certificateUrl(topic.region),
            UnsubscribeUrl: this.unsubscribeUrl(subscriptionArn),
            MessageAttributes: shownAttributes(this.attributes),
          },
        },
      ],
    };
  }

  private get timestamp(): string {
    return new Date(this.publishedAt).toISOString();
  }

  private envelopeOf(protocol: Protocol): Envelope {
    const text = this.textFor(protocol);
    let envelope = this.envelopes.get(text);
    if (envelope === undefined) this.envelopes.set(text, (envelope = this.makeEnvelope(text)));
    return envelope;
  }

  // A signature takes longer than all else that is done for a message. It does not cover the subscription.
  private makeEnvelope(Message: string): Envelope {
    const { topic, messageId: MessageId, sequenceNumber, timestamp: Timestamp } = this;
    const { subject: Subject } = this.message;
    const TopicArn = topic.arn;
    const Type = 'Notification';
    const version = topic.signatureVersion;
    const signature = topic.fifo
      ? undefined
      : signatureOf({ Message, MessageId, Subject, Timestamp, TopicArn, Type }, version);
    const before = {
      Type,
      MessageId,
      ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
      TopicArn,
      ...(Subject !== undefined && { Subject }),
      Message,
      Timestamp,
      ...(signature !== undefined && {
        SignatureVersion: version,
        Signature: signature,
        SigningCertURL: certificateUrl(topic.region),
      }),
    };
    const shown = shownAttributes(this.attributes);
    const after = Object.keys(shown).length === 0 ? '' : `,"MessageAttributes":${JSON.stringify(shown)}`;
    return { before: JSON.stringify(before).slice(1, -1), after, ...(signature !== undefined && { signature }) };
  }

  private unsubscribeUrl(subscriptionArn: string): string {
    return `${this.endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
  }
}

/** Message attributes as envelopes have them: a binary value in base64. */
function shownAttributes(attributes: MessageAttributes): Record<string, { Type?: string; Value?: string }> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: BinaryValue === undefined ? StringValue : Buffer.from(BinaryValue).toString('base64') },
    ]),
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
