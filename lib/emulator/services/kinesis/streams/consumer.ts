import type { ConsumerDescription, ConsumerStatus } from '@aws-sdk/client-kinesis';
import type { AttachedPolicy, Stream } from './stream';

/** A consumer that is registered with a stream: it reads each shard at a rate of its own. */
export class Consumer {
  public status: ConsumerStatus = 'CREATING';
  public readonly tags = new Map<string, string>();
  public policy?: AttachedPolicy;

  constructor(
    public readonly stream: Stream,
    public readonly name: string,
    public readonly arn: string,
    public readonly createdAt: number,
  ) {}

  public describe(): ConsumerDescription {
    return { ...this.summary(), StreamARN: this.stream.arn };
  }

  public summary() {
    return {
      ConsumerName: this.name,
      ConsumerARN: this.arn,
      ConsumerStatus: this.status,
      ConsumerCreationTimestamp: new Date(this.createdAt),
    };
  }
}
