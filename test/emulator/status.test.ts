import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, NestedStack, Stack } from 'aws-cdk-lib/core';
import { Emulator, VirtualClock } from '../../lib/emulator';
import { emptyFolder } from './cloudformation/support';

let emulator: Emulator;
beforeEach(() => {
  emulator = new Emulator({ clock: new VirtualClock() });
});
afterEach(() => emulator.stop());

test('resources go by the paths of their constructs, with the stack where there are several', async () => {
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Outer', { env: { account: '111111111111', region: 'us-east-1' } });
  new Queue(stack, 'Jobs', { queueName: 'same' });
  new Queue(new NestedStack(stack, 'Inner'), 'Work', { queueName: 'nested' });
  const elsewhere = new Stack(app, 'Elsewhere', { env: { account: '111111111111', region: 'eu-west-1' } });
  new Queue(elsewhere, 'Others', { queueName: 'same' });
  await emulator.load(app.synth().directory);

  const labels = emulator.status().queues.map(({ name, label }) => [name, label]);
  expect(labels).toEqual([
    ['nested', 'Outer/Inner/Work'],
    ['same', 'Outer/Jobs'],
    ['same', 'Elsewhere/Others'],
  ]);
});

test('so do those that have slashes in their names', async () => {
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Stack');
  new Alarm(stack, 'Backlog', {
    alarmName: 'team/jobs/backlog',
    metric: new Queue(stack, 'Jobs').metricApproximateNumberOfMessagesVisible(),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  });
  await emulator.load(app.synth().directory);

  expect(emulator.status().alarms).toMatchObject([{ name: 'team/jobs/backlog', label: 'Backlog' }]);
});
