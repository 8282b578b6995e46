import { RawConnection } from './raw-connection';
import { deletionOf, messageBody, sqsRequest, tenMessages } from './requests';
import type { ServerProcess } from './server-process';
import { quantile } from './statistics';

/** What one client does over and over. Gives false where there is nothing left to do. */
type Step = (connection: RawConnection) => Promise<boolean>;

/** What {@link runLoad} saw. Times are in microseconds. */
export interface Measured {
  /** Of the server's processor time, for each step. */
  readonly cost: number;
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

export const BODY_BYTES = 1024;

export const LOADS = {
  SendMessage: (url: string): Step => {
    const request = Buffer.from(sqsRequest('SendMessage', { QueueUrl: url, MessageBody: messageBody(BODY_BYTES) }));
    return async (connection) => (await connection.request(request)) !== '';
  },
  'SendMessageBatch(10)': (url: string): Step => {
    const request = Buffer.from(sqsRequest('SendMessageBatch', tenMessages(url, BODY_BYTES)));
    return async (connection) => (await connection.request(request)) !== '';
  },
  'ReceiveMessage(10) + DeleteMessageBatch': (url: string): Step => {
    const receive = Buffer.from(sqsRequest('ReceiveMessage', { QueueUrl: url, MaxNumberOfMessages: 10 }));
    return async (connection) => {
      const deletion = deletionOf(url, await connection.request(receive));
      if (deletion === undefined) return false;
      await connection.request(sqsRequest('DeleteMessageBatch', deletion));
      return true;
    };
  },
} as const;

export type LoadName = keyof typeof LOADS;
export const LOAD_NAMES = Object.keys(LOADS) as LoadName[];

/** Runs a load on so many connections for so many milliseconds, or until nothing is left to do. */
export async function runLoad(
  server: ServerProcess,
  step: Step,
  concurrency: number,
  duration: number,
): Promise<Measured> {
  const connections = await openAll(server.port, concurrency);
  const latencies: number[] = [];
  const busyBefore = server.busy();
  const started = performance.now();
  const client = async (connection: RawConnection): Promise<void> => {
    for (let begun = started, goesOn = true; goesOn && begun - started < duration;) {
      goesOn = await step(connection);
      const ended = performance.now();
      if (goesOn) latencies.push((ended - begun) * 1000);
      begun = ended;
    }
  };
  await Promise.all(connections.map(client));
  const elapsed = performance.now() - started;
  const cost = (server.busy() - busyBefore) / latencies.length;
  for (const connection of connections) connection.close();
  const perSecond = (latencies.length / elapsed) * 1000;
  return { cost, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), perSecond };
}

export function openAll(port: number, count: number): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => RawConnection.open(port)));
}

/** Puts so many messages into a queue, ten at a time, or as many as a slow server takes in that time. */
export async function fill(port: number, url: string, messages: number, milliseconds: number): Promise<void> {
  const connections = await openAll(port, 16);
  const request = Buffer.from(sqsRequest('SendMessageBatch', tenMessages(url, BODY_BYTES)));
  const until = performance.now() + milliseconds;
  let left = messages;
  const client = async (connection: RawConnection) => {
    while ((left -= 10) >= 0 && performance.now() < until) await connection.request(request);
  };
  await Promise.all(connections.map(client));
  for (const connection of connections) connection.close();
}
