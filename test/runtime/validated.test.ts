import { compileFunction } from 'node:vm';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type * as Arktype from 'arktype';
import { buildSync } from 'esbuild';
import * as v from 'valibot';
import { z } from 'zod';
import { type HandlerContext, processBatch, type StandardSchema, validated } from '../../lib/runtime';
import { onVirtualTime, QueueInTest } from './queue-in-test';

/** arktype is published as an ES module, which jest cannot require. */
function arktype(): typeof Arktype {
  const stdin = { contents: "export * from 'arktype'", resolveDir: __dirname };
  const { outputFiles } = buildSync({ stdin, bundle: true, format: 'cjs', write: false, target: 'node20' });
  const module = { exports: {} };
  const run = compileFunction(outputFiles[0].text, ['module', 'exports']) as (...names: unknown[]) => void;
  run(module, module.exports);
  return module.exports as typeof Arktype;
}

interface Video {
  readonly video: number;
}

const schemas: [string, StandardSchema<Video>][] = [
  ['zod', z.object({ video: z.number() })],
  ['valibot', v.object({ video: v.number() })],
  ['arktype', arktype().type({ video: 'number' })],
];

describe.each(schemas)('a schema of %s', (_, schema) => {
  test('gives the handler the body, and sends what is not valid to the dead-letter queue with the reason', async () => {
    const { clock, restore } = onVirtualTime();
    const sqs = new QueueInTest(clock);
    const dead = await sqs.create('dead');
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, '{"video":1}', '{"video":"one"}', '{video');
    const videos: Video[] = [];
    const handler = validated(schema, (body, _message: object, _context: HandlerContext) => void videos.push(body));
    sqs.start(queueUrl, () => undefined, { handler, deadLetterQueueUrl: dead, concurrency: 3 });
    await clock.advance(2_000);
    expect(videos).toEqual([{ video: 1 }]);
    const { Messages = [] } = await sqs.client.send(
      new ReceiveMessageCommand({ QueueUrl: dead, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    const reasons = Messages.map(({ Body, MessageAttributes = {} }) => [
      Body,
      MessageAttributes.DeadLetterReason.StringValue,
    ]);
    expect(reasons.sort()).toEqual([
      ['{"video":"one"}', expect.stringMatching(/^the body is not valid: video: /)],
      ['{video', expect.stringMatching(/^the body is not JSON: /)],
    ]);
    expect(sqs.counts('jobs')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    await sqs.close();
    restore();
  });

  test('fails the record of a batch that is not valid', async () => {
    const record = (messageId: string, body: string) => ({ messageId, body, eventSourceARN: 'arn:q', attributes: {} });
    const failures: unknown[] = [];
    const event = { Records: [record('a', '{"video":1}'), record('b', '{}')] };
    const answer = await processBatch(
      event,
      validated(schema, () => undefined),
      {
        onFailure: ({ error }) => failures.push(error),
      },
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
    expect(failures).toMatchObject([{ name: 'InvalidBodyError' }]);
  });
});
