/** The Lambda function of the video-encoding story: notes every encoded video in its log. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { processBatch } from '../../lib/runtime/process-batch';

interface EncodedVideo {
  readonly video: number;
  readonly bytes: number;
}

export function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  return processBatch(event, ({ body }) => {
    const { video, bytes } = JSON.parse(body) as EncodedVideo;
    if (!Number.isInteger(video)) throw new Error(`video: expected a whole number in ${body}`);
    console.log(JSON.stringify({ catalogued: video, bytes }));
  });
}
