import type { Sqs } from '../services/sqs';
import { assumedRole, type RequestContext, parseArn } from '../core';
import { type Actor, executionRole, type QueueSource } from '../services/lambda';
import type { IntegratedRegion } from './index';

/** The queues of one account and region, as Lambda's pollers see them. */
export class SqsEventSource implements QueueSource {
  constructor(private readonly place: IntegratedRegion<'sqs'>) {}

  private get sqs(): Sqs {
    return this.place.api.sqs;
  }

  public onDeleted(listener: (queueArn: string) => void): void {
    this.sqs.onQueueDeleted(listener);
  }

  public describe(queueArn: string): ReturnType<QueueSource['describe']> {
    const name = this.nameOf(queueArn);
    return name === undefined ? undefined : this.sqs.queueInfo(name);
  }

  public hasVisible(queueArn: string): boolean {
    const name = this.nameOf(queueArn);
    return name !== undefined && (this.sqs.counts(name)?.visible ?? 0) > 0;
  }

  public receive(
    queueArn: string,
    actor: Actor,
    max: number,
    waitSeconds: number,
    signal?: AbortSignal,
  ): ReturnType<QueueSource['receive']> {
    const answer = this.sqs.receiveMessage(
      {
        QueueUrl: this.nameOf(queueArn),
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      },
      { ...this.callOf(actor, signal), repeatsPolls: true },
    );
    return answer instanceof Promise ? answer.then(({ Messages = [] }) => Messages) : (answer.Messages ?? []);
  }

  public delete(queueArn: string, actor: Actor, receiptHandles: string[]): void {
    const entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    this.sqs.deleteMessageBatch({ QueueUrl: this.nameOf(queueArn), Entries: entries }, this.callOf(actor));
  }

  // Lambda polls in the name of the function's execution role.
  private callOf(actor: Actor, signal?: AbortSignal): RequestContext {
    const { account, region } = this.place;
    const principal = assumedRole(account, executionRole(actor), actor.functionName);
    return { account, region, principal, endpoint: `https://sqs.${region}.amazonaws.com`, signal };
  }

  /** A queue's name, where it is one of this account and region. */
  private nameOf(queueArn: string): string | undefined {
    const arn = parseArn(queueArn);
    const ours = arn?.service === 'sqs' && arn.account === this.place.account && arn.region === this.place.region;
    return ours ? arn.resource : undefined;
  }
}
