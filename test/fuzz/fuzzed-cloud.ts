import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random, VirtualClock } from '../../lib/emulator/clock';
import { CloudWatch } from '../../lib/emulator/cloudwatch';
import { Sqs } from '../../lib/emulator/sqs';
import { Timeline } from '../../lib/emulator/timeline';
import { cloudWatchBinding, sqsBinding, stsBinding, Wire } from '../../lib/emulator/wire';
import { QUEUES } from './request-source';
import { aloneSts } from '../emulator/sessions';

const account = '000000000000';
const region = 'us-east-1';

/** Services with nothing in them but a few queues, behind a wire that reports what must not happen. */
export class FuzzedCloud {
  readonly clock = new VirtualClock();
  readonly wire: Wire;
  readonly internalErrors: unknown[] = [];

  constructor() {
    const { clock } = this;
    const random = new Random(1);
    const timeline = new Timeline(clock);
    const sqs = new Sqs({ clock, random, timeline, account, region });
    const cloudWatch = new CloudWatch({ clock, timeline, account, region, invokeAction: () => undefined });
    const call = { account, region, principal: `arn:aws:iam::${account}:root`, endpoint: 'http://127.0.0.1:4566' };
    for (const name of QUEUES) {
      const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : undefined;
      sqs.createQueue({ QueueName: name, Attributes }, call);
    }
    const sts = aloneSts(clock);
    this.wire = new Wire({
      services: [sqsBinding(() => sqs), cloudWatchBinding(() => cloudWatch), stsBinding(() => sts)],
      defaultAccount: account,
      defaultRegion: region,
      random,
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
