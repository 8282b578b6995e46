import { RawConnection } from './raw-connection';
import { sqsRequest } from './requests';

let created = 0;

/** Does something with a new queue, and deletes it. */
export async function withQueue<T>(port: number, use: (url: string) => Promise<T>): Promise<T> {
  const connection = await RawConnection.open(port);
  const answer = await connection.request(sqsRequest('CreateQueue', { QueueName: `bench-${created++}` }));
  const url = (JSON.parse(answer) as { QueueUrl: string }).QueueUrl;
  try {
    return await use(url);
  } finally {
    await connection.request(sqsRequest('DeleteQueue', { QueueUrl: url }));
    connection.close();
  }
}
