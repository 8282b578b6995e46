import { CreateKeyCommand, KMSClient, KMSServiceException } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Emulator, type EmulatorOptions, type TimelineEvent, VirtualClock } from '../../../lib/emulator';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const PRINCIPAL = `arn:aws:iam::${ACCOUNT}:root`;

/** Real SDK clients on an emulator under a virtual clock, without a socket. */
export class KmsInTest {
  readonly clock = new VirtualClock();
  readonly events: TimelineEvent[] = [];
  readonly emulator: Emulator;
  readonly kms: KMSClient;
  readonly sqs: SQSClient;

  constructor(options: Pick<EmulatorOptions, 'authorizeKey' | 'seed'> = {}) {
    this.emulator = new Emulator({ clock: this.clock, account: ACCOUNT, region: REGION, ...options });
    this.emulator.timeline.subscribe((event) => this.events.push(event));
    this.kms = new KMSClient(this.emulator.clientConfig());
    this.sqs = new SQSClient(this.emulator.clientConfig());
  }

  /** A client of another account in the same region. */
  kmsOf(account: string): KMSClient {
    const credentials = { accessKeyId: account, secretAccessKey: 'local' };
    return new KMSClient({ ...this.emulator.clientConfig(), credentials });
  }

  async createKey(): Promise<{ id: string; arn: string }> {
    const { KeyMetadata: key } = await this.kms.send(new CreateKeyCommand({}));
    return { id: key?.KeyId ?? '', arn: key?.Arn ?? '' };
  }

  /** How often KMS was asked for each thing, by the timeline. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.kmsEvents()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  kmsEvents(): TimelineEvent[] {
    return this.events.filter(({ kind }) => kind.startsWith('kms.'));
  }
}

/** What a call that must fail failed with. */
export async function failure(call: Promise<unknown>): Promise<{ name: string; message: string; status?: number }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof KMSServiceException)) throw error;
    return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode };
  }
  throw new Error('the call succeeded');
}
