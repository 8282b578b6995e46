import { routed } from '../../../support/routed';
import { CloudWatch as Client, type CloudWatchClientConfig } from '@aws-sdk/client-cloudwatch';
import { Random, VirtualClock } from '../../../../lib/emulator/clock';
import { type AlarmNotice, CloudWatch } from '../../../../lib/emulator/services/cloudwatch';
import { Timeline } from '../../../../lib/emulator/timeline';
import { RequestRouter, InProcessRequestHandler } from '../../../../lib/emulator/protocol';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
/** Midnight, of a Tuesday. */
export const START = Date.UTC(2030, 0, 1);

/** CloudWatch alone, behind the SDK's client, on a virtual clock. */
export function cloudWatchInTest(config: Partial<CloudWatchClientConfig> = {}, metricDelay?: number) {
  const clock = new VirtualClock({ startAt: START });
  const actions: { readonly at: number; readonly arn: string; readonly notice: AlarmNotice }[] = [];
  const service = new CloudWatch({
    clock,
    timeline: new Timeline(clock),
    account: ACCOUNT,
    region: REGION,
    metricDelay,
    invokeAction: (arn, notice) => void actions.push({ at: clock.now() - START, arn, notice }),
  });
  const router = new RequestRouter({
    services: [routed('cloudwatch', () => service)],
    defaultAccount: ACCOUNT,
    defaultRegion: REGION,
    random: new Random(1),
  });
  const client = new Client({
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: new InProcessRequestHandler(router),
    ...config,
  });
  return { clock, service, client, actions };
}
