import { type IStream } from 'aws-cdk-lib/aws-kinesis';
import { type Duration } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';

/** Something that processes the records of a stream: all of them, beside any other consumer. */
export interface IStreamConsumer {
  /**
   * Connects this consumer to a stream. Called by the pipeline's `addConsumer`.
   *
   * What this creates belongs below the consumer, not below `scope`: the consumer's permissions already make its stack
   * depend on the stream's, and a dependency the other way would be a cycle.
   *
   * @param scope the construct of the stream, for annotations and errors
   * @param stream the stream to consume
   * @returns what the consumer needs of the stream
   */
  bind(scope: Construct, stream: IStream): StreamConsumerConfig;
}

/** What a consumer needs of its stream. */
export interface StreamConsumerConfig {
  /**
   * The oldest that a record gets before the consumer gives it up; the stream must keep it for longer.
   *
   * @default - as old as the stream lets it get
   */
  readonly maxRecordAge?: Duration;
}
