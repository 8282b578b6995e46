import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { deploy, DeployedResources, readAssembly } from '../../../lib/emulator/cloudformation';
import { cloudFor } from './services';
import { emptyFolder } from './support';

test('§9: a composite alarm by the L2 construct follows the alarms of its rule; Ref is its name', async () => {
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Alarms');
  const queue = new Queue(stack, 'Jobs');
  const alarmOn = (id: string, threshold: number) =>
    new Alarm(stack, id, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
    });
  const composite = new CompositeAlarm(stack, 'Either', {
    alarmRule: AlarmRule.anyOf(
      AlarmRule.fromAlarm(alarmOn('Deep', 100), AlarmState.ALARM),
      AlarmRule.not(AlarmRule.fromBoolean(true)),
    ),
    actionsSuppressor: alarmOn('Maintenance', 1_000_000),
  });
  composite.addAlarmAction({ bind: () => ({ alarmActionArn: 'arn:aws:sns:eu-west-1:123456789012:ops' }) });

  const assembly = readAssembly(app.synth().directory);
  const { cloud, cloudWatch, call } = cloudFor(assembly);
  const report = await deploy(assembly.stacks[0], cloud, { strict: true });
  const resources = new DeployedResources([report]);
  const [{ physicalId, attributes }] = resources.byType('AWS::CloudWatch::CompositeAlarm');
  const described = () => cloudWatch.describeAlarms({ AlarmTypes: ['CompositeAlarm'] }, call).CompositeAlarms;
  expect(described()).toMatchObject([
    {
      AlarmName: physicalId,
      AlarmArn: attributes.Arn,
      StateValue: 'OK',
      AlarmActions: ['arn:aws:sns:eu-west-1:123456789012:ops'],
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 60,
    },
  ]);
  const deep = resources.byPath('Alarms/Deep')?.physicalId;
  cloudWatch.setAlarmState({ AlarmName: deep, StateValue: 'ALARM', StateReason: 'drill' }, call);
  expect(described()?.[0]).toMatchObject({ StateValue: 'ALARM', ActionsSuppressedBy: 'WaitPeriod' });
});
