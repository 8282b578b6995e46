import type { SQSClient } from '@aws-sdk/client-sqs';
import type { QueueStatus } from '../lib/emulator';
import { clientConfig } from './clients';
import { LocalCloudApi } from './local-cloud';
import type { Target } from './target';

/** A queue and a client for its account and Region. */
export interface FoundQueue {
  readonly name: string;
  readonly url: string;
  readonly sqs: SQSClient;
  readonly account: string;
  readonly region: string;
}

/**
 * Finds a queue by its name, the path of its construct, or its URL. In an account, constructs are unknown.
 * @throws Error if no queue, or more than one, is called so
 */
export async function findQueue(target: Target, given: string): Promise<FoundQueue> {
  const { GetQueueUrlCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const local = target.isAws ? undefined : await findLocally(target, given);
  const sqs = new SQSClient(clientConfig(target, local));
  const name = local?.name ?? nameIn(given);
  const { QueueUrl: url = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  return { name, url, sqs, account: local?.account ?? '', region: local?.region ?? (await sqs.config.region()) };
}

async function findLocally(target: Target, given: string): Promise<QueueStatus> {
  const { queues } = await new LocalCloudApi(target).status();
  const found = matching(queues, given);
  const here = found.filter(({ account, region }) => account === target.account && region === target.region);
  const [queue, ...others] = here.length > 0 ? here : found;
  if (queue === undefined) {
    const names = queues.map(({ label }) => label).join(', ');
    throw new Error(
      `no queue is called ${given}; ${names === '' ? 'there are no queues' : `available queues: ${names}`}`,
    );
  }
  if (others.length > 0) {
    const places = [queue, ...others].map(({ label, account, region }) => `${label} (${account}, ${region})`);
    throw new Error(`several queues are called ${given}: ${places.join(', ')}; choose one by --account and --region`);
  }
  return queue;
}

/** The queues that are called so, by the best kind of match: the name or path itself, then the end of a path. */
function matching(queues: readonly QueueStatus[], given: string): readonly QueueStatus[] {
  if (isUrl(given)) {
    const [account, name] = new URL(given).pathname.split('/').slice(-2);
    return queues.filter((queue) => queue.name === name && queue.account === account);
  }
  const path = given.replace(/\/Resource$/, '').replace(/(?<=.)\/Queue$/, '');
  const exactly = queues.filter(({ name, label }) => [given, path].includes(name) || [given, path].includes(label));
  if (exactly.length > 0) return exactly;
  // With the stack's name before a label that does without it, or without the scopes before it.
  return queues.filter(({ label }) => path.endsWith(`/${label}`) || label.endsWith(`/${path}`));
}

const isUrl = (text: string): boolean => /^https?:\/\//.test(text);

/** The name in a queue's URL; a name is itself. */
function nameIn(given: string): string {
  return isUrl(given) ? (new URL(given).pathname.split('/').at(-1) ?? '') : given;
}
