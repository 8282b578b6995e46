import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';

const BATCH = 10; // the most that SendMessageBatch takes
const POISON_EVERY = 200;

/** Whether this video's file is broken, so that no encoder can ever finish it. */
export function isPoison(video: number): boolean {
  return video % POISON_EVERY === POISON_EVERY / 2;
}

/** How many of the videos `from` to `to` no encoder can finish. */
export function poisonCount(from: number, to: number): number {
  let count = 0;
  for (let video = from; video <= to; video++) if (isPoison(video)) count++;
  return count;
}

/** Sends the videos numbered `from` to `to`, ten a request, and tells of each one that SQS acknowledged. */
export async function sendVideos(
  sqs: SQSClient,
  queueUrl: string,
  from: number,
  to: number,
  acknowledged: (messageId: string, video: number) => void,
): Promise<void> {
  for (let first = from; first <= to; first += BATCH) {
    let entries: SendMessageBatchRequestEntry[] = [];
    for (let video = first; video <= Math.min(first + BATCH - 1, to); video++) {
      const body = { video, frames: 16, ...(isPoison(video) && { corrupt: true }) };
      entries.push({ Id: String(video), MessageBody: JSON.stringify(body) });
    }
    // A batch may be accepted in part: what SQS refused for reasons of its own is sent again.
    while (entries.length > 0) {
      const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
      for (const { Id, MessageId } of answer.Successful ?? []) acknowledged(MessageId ?? '', Number(Id));
      const refused = new Map((answer.Failed ?? []).map((failure) => [failure.Id, failure]));
      for (const failure of refused.values()) {
        if (failure.SenderFault) throw new Error(`video ${failure.Id} was refused: ${failure.Code} ${failure.Message}`);
      }
      entries = entries.filter(({ Id }) => refused.has(Id));
    }
  }
}
