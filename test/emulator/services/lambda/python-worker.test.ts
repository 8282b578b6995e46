import { spawnSync } from 'node:child_process';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Emulator, formatReport, SystemClock, VirtualClock } from '../../../../lib/emulator';
import { MINUTE } from '../../../../lib/emulator/clock';

const HANDLER = `
import json

def handler(event, context):
    failed = []
    for record in event["Records"]:
        video = json.loads(record["body"])
        print("encoding %s" % video["id"])
        if video.get("broken"):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
`;

function pythonStack(): Stack {
  const stack = new Stack(new App(), 'Python');
  const queue = new Queue(stack, 'Videos', { queueName: 'Videos', visibilityTimeout: Duration.seconds(30) });
  const encoder = new LambdaFunction(stack, 'Encoder', {
    functionName: 'encoder',
    runtime: Runtime.PYTHON_3_12,
    handler: 'index.handler',
    code: Code.fromInline(HANDLER),
    timeout: Duration.seconds(30),
  });
  encoder.addEventSource(new SqsEventSource(queue, { reportBatchItemFailures: true }));
  return stack;
}

const send = (emulator: Emulator, video: object) =>
  new SQSClient(emulator.clientConfig()).send(
    new SendMessageCommand({ QueueUrl: 'Videos', MessageBody: JSON.stringify(video) }),
  );

const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? test : test.skip)(
  `a Python function consumes a queue, in a process of its own${hasPython ? '' : ': skipped, there is no python3'}`,
  async () => {
    const lines: string[] = [];
    const clock = new SystemClock({ speed: 10 });
    const emulator = await Emulator.fromStack(pythonStack(), {
      clock,
      compute: 'processes',
      onLog: ({ text }) => void lines.push(text),
    });
    try {
      expect(formatReport(emulator.reports[0], { verbose: true })).toMatch(
        /Runtime: emulated \(Python 3\.\d+\.\d+ of this machine with(?:out)? boto3.*, in real time; HTTPS_PROXY /,
      );
      const encoded = () => lines.filter((line) => line.startsWith('encoding'));
      const twice = new Promise<void>((resolve) => {
        emulator.timeline.subscribe(() => {
          if (encoded().length === 3) resolve();
        });
      });
      await send(emulator, { id: 1 });
      await send(emulator, { id: 2, broken: true });
      await twice;
      expect(encoded().slice(0, 2).sort()).toEqual(['encoding 1', 'encoding 2']);
      expect(encoded()[2]).toBe('encoding 2');
    } finally {
      await emulator.stop();
    }
  },
  60_000,
);

describe('a Python function under a virtual clock', () => {
  let clock: VirtualClock;
  let emulator: Emulator;
  let lines: string[];
  beforeEach(async () => {
    clock = new VirtualClock();
    lines = [];
    emulator = await Emulator.fromStack(pythonStack(), { clock, onLog: ({ text }) => void lines.push(text) });
  });
  afterEach(() => emulator.stop());

  test('is reported, and its invocations say what to do', async () => {
    expect(formatReport(emulator.reports[0])).toContain(
      '! AWS::Lambda::Function  Python/Encoder has unsupported properties: Runtime (python3.12: ' +
        "in-process compute runs functions for Node.js only: use modelFunction, or compute: 'processes')",
    );
    // It stays so where nothing has changed.
    const [again] = await emulator.load((pythonStack().node.root as App).synth().directory);
    expect(again.resources.find(({ type }) => type === 'AWS::Lambda::Function')).toMatchObject({
      action: 'unchanged',
      properties: expect.arrayContaining([
        expect.objectContaining({ name: 'Runtime', status: 'unsupported' }),
      ]) as unknown,
    });
    const lambda = new LambdaClient(emulator.clientConfig());
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'encoder' }));
    expect(FunctionError).toBe('Unhandled');
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({ errorType: 'Runtime.NotEmulated' });
    await expect(Emulator.fromStack(pythonStack(), { clock: new VirtualClock(), strict: true })).rejects.toThrow(
      /strict, and the emulator does not support .*Runtime/,
    );
  });

  test('leaves its messages in the queue, says so once, and takes them when it is modelled', async () => {
    await clock.advance(10 * MINUTE);
    expect(lines).toEqual([]);
    await send(emulator, { id: 1 });
    await clock.advance(60 * MINUTE);
    expect(lines).toEqual([
      "encoder cannot run, so messages stay in Videos: in-process compute runs functions for Node.js only: use modelFunction, or compute: 'processes'",
    ]);
    const region = emulator.region('000000000000', 'us-east-1');
    expect(region.counts('Videos')).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(region.peek('Videos')).toMatchObject([{ receiveCount: 0 }]);
    emulator.modelFunction('encoder', { handler: () => ({ batchItemFailures: [] }) });
    await clock.advance(10_000);
    expect(region.counts('Videos')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('can be modelled: everything around it works', async () => {
    const seen: unknown[] = [];
    emulator.modelFunction('encoder', {
      runningTime: 2_000,
      handler: (event) => {
        for (const { body } of (event as { Records: { body: string }[] }).Records) seen.push(JSON.parse(body));
        return { batchItemFailures: [] };
      },
    });
    await send(emulator, { id: 1 });
    await clock.advance(MINUTE);
    expect(seen).toEqual([{ id: 1 }]);
  });
});
