import { BODY_BYTES, fill, openAll, runLoad } from './loads';
import { type RawConnection } from './raw-connection';
import { messageBody, sqsRequest } from './requests';
import type { ServerProcess } from './server-process';
import { median } from './statistics';
import { startSpillway } from './targets';

/** What may cost no more over the wire when there is more of it: how to come by so much, and the URLs to use then. */
const GROWTH_ON_THE_WIRE: Readonly<Record<string, { small: number; large: number; prepare: Prepare }>> = {
  'messages queued': {
    small: 1_000,
    large: 1_000_000,
    prepare: async (server, size) => {
      const [url] = await createQueues(server, 1);
      await fill(server.port, url, size, 600_000);
      return [url];
    },
  },
  queues: { small: 1, large: 5_000, prepare: createQueues },
};

type Prepare = (server: ServerProcess, size: number) => Promise<string[]>;

/** What sending, receiving and deleting a message costs with much against little: two servers, measured in turns. */
export async function wireGrowth(quick: boolean): Promise<{ what: string; ratio: number }[]> {
  const results: { what: string; ratio: number }[] = [];
  for (const [what, { small, large, prepare }] of Object.entries(GROWTH_ON_THE_WIRE)) {
    const many = quick ? large / 10 : large;
    const servers = [await startSpillway(), await startSpillway()];
    try {
      const steps = [roundTrip(await prepare(servers[0], small)), roundTrip(await prepare(servers[1], many))];
      const cost = async (which: number) => (await runLoad(servers[which], steps[which], 16, quick ? 500 : 1_000)).cost;
      const ratios: number[] = [];
      for (let turn = -1; turn < (quick ? 3 : 7); turn++) {
        const before = await cost(0);
        const ratio = (await cost(1)) / before;
        if (turn >= 0) ratios.push(ratio); // the first turn warms up
      }
      results.push({ what: `${what}: ${many} against ${small}`, ratio: median(ratios) });
    } finally {
      for (const server of servers) await server.stop();
    }
  }
  return results;
}

/** Sends a message to the next queue, receives one from it and deletes that. */
function roundTrip(urls: readonly string[]): (connection: RawConnection) => Promise<boolean> {
  let turn = 0;
  const MessageBody = messageBody(BODY_BYTES);
  return async (connection) => {
    const QueueUrl = urls[turn++ % urls.length];
    await connection.request(sqsRequest('SendMessage', { QueueUrl, MessageBody }));
    const received = await connection.request(sqsRequest('ReceiveMessage', { QueueUrl }));
    const handle = /"ReceiptHandle": ?"([^"]+)"/.exec(received);
    if (handle !== null) await connection.request(sqsRequest('DeleteMessage', { QueueUrl, ReceiptHandle: handle[1] }));
    return true;
  };
}

async function createQueues(server: ServerProcess, count: number): Promise<string[]> {
  const [connection] = await openAll(server.port, 1);
  const urls: string[] = [];
  for (let index = 0; index < count; index++) {
    const answer = await connection.request(sqsRequest('CreateQueue', { QueueName: `growth-${index}` }));
    urls.push((JSON.parse(answer) as { QueueUrl: string }).QueueUrl);
  }
  connection.close();
  return urls;
}
