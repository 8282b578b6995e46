import { openAll } from './loads';
import { withQueue } from './queues';
import { RawConnection } from './raw-connection';
import { messageBody, sqsRequest } from './requests';
import type { ServerProcess } from './server-process';
import { median } from './statistics';

const pause = (ms: number) => new Promise<void>((done) => void setTimeout(done, ms));

/** Parks so many long polls at a queue that stays empty, while `measure` runs. */
function withParked<T>({ port }: ServerProcess, count: number, measure: () => Promise<T>): Promise<T> {
  return withQueue(port, async (QueueUrl) => {
    const connections = await openAll(port, count);
    for (const connection of connections) {
      const poll = sqsRequest('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
      connection.request(poll).catch(() => undefined); // it ends with the connection
    }
    await pause(1_000); // until the last of them is parked
    const result = await measure();
    for (const connection of connections) connection.close();
    await pause(50);
    return result;
  });
}

/** The median time from sending a message to the answer of the consumer that waits for it, in milliseconds. */
export function wakeUp(server: ServerProcess, parked: number, times: number): Promise<number> {
  const measure = () =>
    withQueue(server.port, async (QueueUrl) => {
      const consumer = await RawConnection.open(server.port);
      const producer = await RawConnection.open(server.port);
      const poll = sqsRequest('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
      const send = sqsRequest('SendMessage', { QueueUrl, MessageBody: messageBody(1024) });
      const latencies: number[] = [];
      for (let i = 0; i < times; i++) {
        const answer = consumer.request(poll);
        await pause(2);
        const sent = performance.now();
        const accepted = producer.request(send);
        await answer;
        latencies.push(performance.now() - sent);
        await accepted;
      }
      consumer.close();
      producer.close();
      return median(latencies);
    });
  return withParked(server, parked, measure);
}

/** The share of a core that a server takes while so many long polls wait and nothing else happens. */
export function idle(server: ServerProcess, parked: number, milliseconds: number): Promise<number> {
  return withParked(server, parked, async () => {
    const before = server.busy();
    await pause(milliseconds);
    return (server.busy() - before) / (milliseconds * 1000);
  });
}
