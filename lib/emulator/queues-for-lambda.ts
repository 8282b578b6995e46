import { assumedRole, AwsError, type Call, parseArn } from './api';
import { type Actor, executionRole, type QueueSource } from './lambda';
import type { Sqs } from './sqs';

/** The queues of one account and region, as Lambda's pollers see them. */
export class QueuesForLambda implements QueueSource {
  private readonly call: Call;

  constructor(
    private readonly sqs: Sqs,
    private readonly account: string,
    private readonly region: string,
  ) {
    const principal = `arn:aws:sts::${account}:assumed-role/lambda/poller`;
    this.call = { account, region, principal, endpoint: `https://sqs.${region}.amazonaws.com` };
  }

  public describe(queueArn: string): ReturnType<QueueSource['describe']> {
    const name = this.nameOf(queueArn);
    if (name === undefined) return undefined;
    try {
      const { Attributes: attributes = {} } = this.sqs.getQueueAttributes(
        { QueueUrl: name, AttributeNames: ['All'] },
        this.call,
      );
      return {
        visibilityTimeoutSeconds: Number(attributes.VisibilityTimeout),
        fifo: attributes.FifoQueue === 'true',
      };
    } catch (error) {
      if (error instanceof AwsError && error.shape === 'QueueDoesNotExist') return undefined;
      throw error;
    }
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
      { ...this.callOf(actor), signal },
    );
    return answer instanceof Promise ? answer.then(({ Messages = [] }) => Messages) : (answer.Messages ?? []);
  }

  public delete(queueArn: string, actor: Actor, receiptHandles: string[]): void {
    const entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    this.sqs.deleteMessageBatch({ QueueUrl: this.nameOf(queueArn), Entries: entries }, this.callOf(actor));
  }

  // Lambda polls in the name of the function's execution role.
  private callOf(actor: Actor): Call {
    const principal = assumedRole(this.account, executionRole(actor), actor.functionName);
    return { ...this.call, principal };
  }

  /** A queue's name, where it is one of this account and region. */
  private nameOf(queueArn: string): string | undefined {
    const arn = parseArn(queueArn);
    const ours = arn?.service === 'sqs' && arn.account === this.account && arn.region === this.region;
    return ours ? arn.resource : undefined;
  }
}
