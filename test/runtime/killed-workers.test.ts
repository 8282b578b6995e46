import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildSync } from 'esbuild';
import { Emulator, Random, SystemClock } from '../../lib/emulator';
import { sendAll } from '../../lib/runtime';
import { emptyFolder } from '../emulator/cloudformation/support';
import { until } from './queue-in-test';

const LOADS = {
  short: { messages: 400, groups: 20, processes: 2, clients: 4, kills: 2, visibilityTimeout: 5 },
  long: { messages: 25_000, groups: 200, processes: 8, clients: 8, kills: 50, visibilityTimeout: 20 },
};
const { messages, groups, processes, clients, kills, visibilityTimeout } =
  process.env.LONG === undefined ? LOADS.short : LOADS.long;
const SEED = 20_240;
const LINE = 'standard 00000 00000\n'.length;

test(`${2 * messages} messages, ${processes * clients} SDK clients, ${kills} kill -9: none lost, no group out of order`, async () => {
  const folder = emptyFolder();
  const program = join(folder, 'worker.js');
  buildSync({
    entryPoints: [join(__dirname, 'fixtures/recording-worker.ts')],
    bundle: true,
    platform: 'node',
    outfile: program,
  });
  const record = join(folder, 'record');
  writeFileSync(record, '');
  const emulator = new Emulator({ clock: new SystemClock() });
  const workers = new Set<ChildProcess>();
  let ending = false;
  let killed = 0;
  try {
    await emulator.listen(0);
    const sqs = new SQSClient(emulator.clientConfig());
    const create = async (QueueName: string, more: Record<string, string> = {}) => {
      const Attributes = { VisibilityTimeout: String(visibilityTimeout), ...more };
      return (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
    };
    const standard = await create('standard');
    const fifo = await create('fifo.fifo', {
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });

    const start = (): void => {
      const { accessKeyId, secretAccessKey } = emulator.clientConfig().credentials;
      const worker = spawn(process.execPath, [program], {
        stdio: 'ignore',
        env: {
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          AWS_REGION: emulator.clientConfig().region,
          AWS_ENDPOINT_URL: emulator.endpointUrl,
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
          QUEUE_URLS: `${standard} ${fifo}`,
          RECORD: record,
          CLIENTS: String(clients),
        },
      });
      workers.add(worker);
      worker.on('exit', () => {
        workers.delete(worker);
        if (!ending) start();
      });
    };
    for (let count = 0; count < processes; count++) start();

    const text = (kind: string, group: number, number: number) =>
      `${kind} ${String(group).padStart(5, '0')} ${String(number).padStart(5, '0')}`;
    const numbered = (kind: string) =>
      Array.from({ length: messages }, (_, index) => {
        const group = index % groups;
        const MessageBody = text(kind, group, Math.floor(index / groups));
        return { MessageBody, ...(kind === 'fifo    ' && { MessageGroupId: String(group) }) };
      });
    const sending = Promise.all([
      sendAll(sqs, standard, numbered('standard')),
      sendAll(sqs, fifo, numbered('fifo    ')),
    ]);

    const random = new Random(SEED);
    const handled = () => statSync(record).size / LINE;
    while (killed < kills) {
      const next = ((killed + 1) * 2 * messages) / (kills + 1);
      await until(() => handled() >= next, 600_000);
      const victim = [...workers][random.integer(0, workers.size - 1)];
      victim.kill('SIGKILL');
      await once(victim, 'exit');
      killed++;
    }
    await sending;
    const left = () =>
      emulator.status().queues.reduce((sum, { visible, inFlight, delayed }) => sum + visible + inFlight + delayed, 0);
    await until(() => left() === 0, 1_200_000);

    const seen = new Set<string>();
    const last = new Map<string, number>();
    let repeated = 0;
    let outOfOrder = 0;
    for await (const line of createInterface({ input: createReadStream(record) })) {
      if (seen.has(line)) repeated++;
      seen.add(line);
      const [kind, group, number] = line.split(/ +/);
      if (kind !== 'fifo') continue;
      const before = last.get(group) ?? -1;
      if (Number(number) !== before && Number(number) !== before + 1) outOfOrder++;
      last.set(group, Number(number));
    }
    const figures = { lost: 2 * messages - seen.size, outOfOrder, killed };
    if (process.env.LONG !== undefined) console.log({ ...figures, repeated, seed: SEED });
    expect(figures).toEqual({ lost: 0, outOfOrder: 0, killed: kills });
    sqs.destroy();
  } finally {
    ending = true;
    const exits = [...workers].map(async (worker) => {
      worker.kill('SIGKILL');
      await once(worker, 'exit');
    });
    await Promise.all(exits);
    await emulator.stop();
  }
}, 3_600_000);
