import { routed } from '../../../support/routed';
import { CreateKeyCommand, type CreateKeyCommandInput, KMSClient, KMSServiceException } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Emulator, type EmulatorOptions, type TimelineEvent, VirtualClock } from '../../../../lib/emulator';
import { Random } from '../../../../lib/emulator/clock';
import { Kms, type KmsDependencies } from '../../../../lib/emulator/services/kms';
import { Timeline } from '../../../../lib/emulator/timeline';
import { RequestRouter, InProcessRequestHandler } from '../../../../lib/emulator/protocol';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const PRINCIPAL = `arn:aws:iam::${ACCOUNT}:root`;

// A retry would wait in the machine's time, while the emulator's stands still.
const client = { region: REGION, maxAttempts: 1 };

/** What tests ask a KMS for, whatever it runs in. */
abstract class InTest {
  readonly clock = new VirtualClock();
  readonly events: TimelineEvent[] = [];
  abstract readonly kms: KMSClient;

  async createKey(input: CreateKeyCommandInput = {}): Promise<{ id: string; arn: string }> {
    const { KeyMetadata: key } = await this.kms.send(new CreateKeyCommand(input));
    return { id: key?.KeyId ?? '', arn: key?.Arn ?? '' };
  }

  kmsEvents(): TimelineEvent[] {
    return this.events.filter(({ kind }) => kind.startsWith('kms.'));
  }

  /** How often KMS was asked for each thing, by the timeline. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.kmsEvents()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }
}

/** KMS alone, of any number of accounts, and real SDK clients: months pass in no time. */
export class KmsInTest extends InTest {
  readonly kms: KMSClient;
  private readonly accounts = new Map<string, Kms>();
  private readonly router: RequestRouter;

  constructor({ seed = 7, ...options }: Pick<KmsDependencies, 'authorize' | 'limits'> & { seed?: number } = {}) {
    super();
    const { clock } = this;
    const timeline = new Timeline(clock);
    timeline.subscribe((event) => this.events.push(event));
    const random = new Random(seed);
    const elsewhere = (account: string) => this.accounts.get(account);
    const resolve = (account: string, region: string) => {
      const ports = { clock, timeline, account, region, elsewhere, random: random.fork(account), ...options };
      const kms = this.accounts.get(account) ?? new Kms(ports);
      this.accounts.set(account, kms);
      return kms;
    };
    const services = [routed('kms', resolve)];
    this.router = new RequestRouter({
      services,
      defaultAccount: ACCOUNT,
      defaultRegion: REGION,
      random: random.fork('wire'),
    });
    this.kms = this.kmsOf(ACCOUNT);
  }

  /** The client of an account. */
  kmsOf(account: string): KMSClient {
    const credentials = { accessKeyId: account, secretAccessKey: 'local' };
    return new KMSClient({ ...client, credentials, requestHandler: new InProcessRequestHandler(this.router) });
  }
}

/** A whole emulator, with clients of KMS and of the queues that encrypt by it. */
export class CloudInTest extends InTest {
  readonly emulator: Emulator;
  readonly kms: KMSClient;
  readonly sqs: SQSClient;

  constructor(options: Pick<EmulatorOptions, 'authorizeKey' | 'kmsLimits'> = {}) {
    super();
    this.emulator = new Emulator({ clock: this.clock, account: ACCOUNT, region: REGION, ...options });
    this.emulator.timeline.subscribe((event) => this.events.push(event));
    const config = { ...this.emulator.clientConfig(), ...client };
    this.kms = new KMSClient(config);
    this.sqs = new SQSClient(config);
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
