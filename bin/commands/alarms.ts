import { type MetricAlarm, type StateValue } from '@aws-sdk/client-cloudwatch';
import { Command } from 'commander';
import { announceAccount, clientConfig } from '../clients';
import { option } from '../command-line';
import { LocalCloudApi } from '../local-cloud';
import { oneOf } from '../option-kinds';
import { print, table } from '../output';
import { addAwsOptions, type Target, type TargetOptions, targetOf } from '../target';

/** `spillway alarms`: lists alarms with their states. */
export function alarms(): Command {
  const command = new Command('alarms')
    .summary('list alarms, their states and why')
    .description('Lists the alarms with their states, and the reason of each.')
    .addOption(option('--state <state>', 'only those in this state', oneOf('OK', 'ALARM', 'INSUFFICIENT_DATA')));
  return addAwsOptions(command).action(async (options: TargetOptions & { readonly state?: StateValue }) => {
    const target = targetOf(options);
    await announceAccount(target);
    const found = await describeAlarms(target, options.state);
    const labels = target.isAws ? new Map<string, string>() : await labelsOf(target);
    const rows = found.map(({ AlarmName = '', StateValue = '', StateReason = '' }) => [
      StateValue,
      labels.get(AlarmName) ?? AlarmName,
      StateReason,
    ]);
    print(found, found.length === 0 ? ['No alarms.'] : table(rows), options);
  });
}

/** The metric alarms of a target. */
export async function describeAlarms(target: Target, StateValue?: StateValue): Promise<MetricAlarm[]> {
  const { CloudWatchClient, paginateDescribeAlarms } = await import('@aws-sdk/client-cloudwatch');
  const client = new CloudWatchClient(clientConfig(target));
  const found: MetricAlarm[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { StateValue })) {
    found.push(...MetricAlarms);
  }
  return found;
}

async function labelsOf(target: Target): Promise<Map<string, string>> {
  const { alarms } = await new LocalCloudApi(target).status();
  return new Map(alarms.map(({ name, label }) => [name, label]));
}
