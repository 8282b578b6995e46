import { Command } from 'commander';
import type { CloudStatus } from '../../lib/emulator';
import { announceAccount, clientConfig } from '../clients';
import { LocalCloudApi } from '../local-cloud';
import { print, table } from '../output';
import { addAwsOptions, type Target, type TargetOptions, targetOf } from '../target';
import { describeAlarms } from './alarms';

/** The counts of a queue. */
interface Counts {
  readonly label: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** `spillway status`: what is in the queues, and how alarms and groups are. */
export function status(): Command {
  const command = new Command('status')
    .summary('show queues with their messages, alarms, and groups')
    .description('Shows the queues with their message counts, the alarms with their states, and Auto Scaling groups.');
  return addAwsOptions(command).action(async (options: TargetOptions) => {
    const target = targetOf(options);
    await announceAccount(target);
    if (target.isAws) return printAccount(target, options);
    const found = await new LocalCloudApi(target).status();
    print(found, [`${target.endpoint}, emulated time ${new Date(found.at).toISOString()}`, ...lines(found)], options);
  });
}

function lines({ queues, alarms, groups }: Pick<CloudStatus, 'queues' | 'alarms' | 'groups'>): string[] {
  const groupRows = groups.map(({ label, desired, min, max, instances }) => [
    label,
    `desired ${desired} (${min} to ${max}), instances ${instances.length}`,
  ]);
  return [
    ...queueLines(queues),
    ...(alarms.length === 0 ? [] : ['', 'Alarms', ...table(alarms.map(({ state, label }) => [state, label]))]),
    ...(groups.length === 0 ? [] : ['', 'Groups', ...table(groupRows)]),
  ];
}

function queueLines(queues: readonly Counts[]): string[] {
  const rows = queues.map(({ label, visible, inFlight, delayed }) => [label, visible, inFlight, delayed] as const);
  return rows.length === 0 ? ['No queues.'] : table([['Queues', 'visible', 'in flight', 'delayed'], ...rows]);
}

async function printAccount(target: Target, options: TargetOptions): Promise<void> {
  const { GetQueueAttributesCommand, paginateListQueues, SQSClient } = await import('@aws-sdk/client-sqs');
  const client = new SQSClient(clientConfig(target));
  const urls: string[] = [];
  for await (const { QueueUrls = [] } of paginateListQueues({ client }, { MaxResults: 1_000 })) urls.push(...QueueUrls);
  const queues: (Counts & { readonly url: string })[] = [];
  for (const QueueUrl of urls) {
    const { Attributes: counts = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    queues.push({
      label: QueueUrl.split('/').at(-1) ?? '',
      url: QueueUrl,
      visible: Number(counts.ApproximateNumberOfMessages),
      inFlight: Number(counts.ApproximateNumberOfMessagesNotVisible),
      delayed: Number(counts.ApproximateNumberOfMessagesDelayed),
    });
  }
  const alarms = (await describeAlarms(target)).map(({ AlarmName: name = '', StateValue: state = '' }) => ({
    name,
    state,
  }));
  const alarmLines =
    alarms.length === 0 ? [] : ['', 'Alarms', ...table(alarms.map(({ state, name }) => [state, name]))];
  print({ queues, alarms }, [...queueLines(queues), ...alarmLines], options);
}
