import { routed } from '../support/routed';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random, VirtualClock } from '../../lib/emulator/clock';
import { CloudWatch } from '../../lib/emulator/services/cloudwatch';
import { readQueuePolicy } from '../../lib/emulator/integrations/sqs-policies';
import { Sqs } from '../../lib/emulator/services/sqs';
import { Sts } from '../../lib/emulator/services/sts';
import { Timeline } from '../../lib/emulator/timeline';
import { RequestRouter } from '../../lib/emulator/protocol';
import { issuer } from '../emulator/sessions';
import { QUEUES } from './request-source';

const account = '000000000000';
const OTHER_ACCOUNT = '111122223333';
const region = 'us-east-1';

/** Services with nothing in them but a few queues, behind a router that reports what must not happen. */
export class FuzzedCloud {
  readonly clock = new VirtualClock();
  readonly router: RequestRouter;
  readonly internalErrors: unknown[] = [];
  /** Credentials of a session of another account, and of one that has expired. */
  readonly sessions: readonly { accessKeyId: string; sessionToken: string }[];

  constructor() {
    const { clock } = this;
    const random = new Random(1);
    const timeline = new Timeline(clock);
    const places = new Map<string, Sqs>();
    const neighbour = (owner: string) => places.get(owner);
    for (const owner of [account, OTHER_ACCOUNT]) {
      const ports = { clock, random, timeline, account: owner, region, neighbour, authorize: readQueuePolicy };
      places.set(owner, new Sqs(ports));
    }
    const sqs = places.get(account) as Sqs;
    const cloudWatch = new CloudWatch({ clock, timeline, account, region, invokeAction: () => undefined });
    const call = { account, region, principal: `arn:aws:iam::${account}:root`, endpoint: 'http://127.0.0.1:4566' };
    for (const name of QUEUES) {
      const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : undefined;
      sqs.createQueue({ QueueName: name, Attributes }, call);
    }
    const sessions = issuer(clock);
    const sts = new Sts({ clock, sessions });
    const holder = { account: OTHER_ACCOUNT, principal: `arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/r/s` };
    this.sessions = [Infinity, 0].map((expiresAt) => sessions.issue(holder, expiresAt));
    this.router = new RequestRouter({
      services: [
        routed('sqs', (owner) => places.get(owner) ?? sqs),
        routed('cloudwatch', () => cloudWatch),
        routed('sts', () => sts),
      ],
      defaultAccount: account,
      defaultRegion: region,
      random,
      identify: (accessKeyId, sessionToken) => sessions.holderOf(accessKeyId, sessionToken),
      time: { now: () => clock.now(), tolerance: 900_000 },
      onInternalError: (error) => this.internalErrors.push(error),
    });
  }
}

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

/** The bytes that are in use once all garbage is gone. */
export function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
