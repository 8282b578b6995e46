import { DashboardInvalidInputError } from '@aws-sdk/client-cloudwatch';
import { MINUTE } from '../../../../lib/emulator/clock';
import { ACCOUNT, cloudWatchInTest, START } from './cloudwatch-in-test';

const text = (markdown = 'Hello') => ({ type: 'text', x: 0, y: 0, width: 6, height: 2, properties: { markdown } });
const graph = (...metrics: unknown[]) => ({ type: 'metric', properties: { metrics, region: 'us-east-1' } });
const body = (...widgets: unknown[]) => JSON.stringify({ widgets });

describe('dashboards', () => {
  test('are put, read back as they were, listed by prefix with their sizes, replaced and deleted', async () => {
    const { clock, client } = cloudWatchInTest();
    const first = body(text('☃'));
    expect(
      (await client.putDashboard({ DashboardName: 'Queues', DashboardBody: first })).DashboardValidationMessages,
    ).toEqual([]);
    await clock.advance(MINUTE);
    await client.putDashboard({ DashboardName: 'Other', DashboardBody: body() });
    const arn = `arn:aws:cloudwatch::${ACCOUNT}:dashboard/Queues`;
    expect(await client.getDashboard({ DashboardName: 'Queues' })).toMatchObject({
      DashboardName: 'Queues',
      DashboardArn: arn,
      DashboardBody: first,
    });
    expect((await client.listDashboards({})).DashboardEntries?.map(({ DashboardName }) => DashboardName)).toEqual([
      'Other',
      'Queues',
    ]);
    expect((await client.listDashboards({ DashboardNamePrefix: 'Q' })).DashboardEntries).toEqual([
      { DashboardName: 'Queues', DashboardArn: arn, LastModified: new Date(START), Size: Buffer.byteLength(first) },
    ]);
    await expect(client.listDashboards({ NextToken: 'x' })).rejects.toThrow('The next token specified is invalid.');
    await client.putDashboard({ DashboardName: 'Queues', DashboardBody: body() });
    expect((await client.getDashboard({ DashboardName: 'Queues' })).DashboardBody).toBe(body());
    const none = client.deleteDashboards({ DashboardNames: ['Queues', 'None'] });
    await expect(none).rejects.toMatchObject({
      // The code of other things that are not found, too: that is how the SDK calls it.
      Code: 'ResourceNotFound',
      message: 'Dashboard None does not exist',
      $metadata: { httpStatusCode: 404 },
    });
    await client.deleteDashboards({ DashboardNames: ['Queues', 'Other'] });
    expect((await client.listDashboards({})).DashboardEntries).toEqual([]);
    await expect(client.getDashboard({ DashboardName: 'Queues' })).rejects.toMatchObject({
      Code: 'ResourceNotFound',
      message: 'Dashboard Queues does not exist',
    });
  });

  test('accepts a body with warnings and returns them', async () => {
    const { client } = cloudWatchInTest();
    const DashboardBody = JSON.stringify({ owner: 'us', widgets: [{ ...text(), colour: 'red' }] });
    const { DashboardValidationMessages } = await client.putDashboard({ DashboardName: 'Odd', DashboardBody });
    expect(DashboardValidationMessages).toEqual([
      {
        DataPath: '/owner',
        Message: 'The "owner" property is not expected to be part of a dashboard definition, will be ignored',
      },
      {
        DataPath: '/widgets/0/colour',
        Message: 'The "colour" property is not expected to be part of a widget definition, will be ignored',
      },
    ]);
    expect((await client.getDashboard({ DashboardName: 'Odd' })).DashboardBody).toBe(DashboardBody);
  });

  const sqs = ['AWS/SQS', 'NumberOfMessagesSent', 'QueueName', 'jobs'];
  test.each<[string, unknown, [path: string, message: string][]]>([
    ['no widgets', {}, [['', "Should have required property 'widgets'"]]],
    ['widgets that are no list', { widgets: {} }, [['/widgets', 'Should be array']]],
    [
      'a period of its own',
      { widgets: [], periodOverride: 'x' },
      [['/periodOverride', 'Should be equal to one of the allowed values']],
    ],
    [
      'a type of its own',
      { widgets: [{ ...text(), type: 'pie' }] },
      [['/widgets/0/type', 'Should be equal to one of the allowed values']],
    ],
    ['no properties', { widgets: [{ type: 'text' }] }, [['/widgets/0', "Should have required property 'properties'"]]],
    [
      'a text without one',
      { widgets: [{ type: 'text', properties: {} }] },
      [['/widgets/0/properties', "Should have required property 'markdown'"]],
    ],
    [
      'a widget beyond the edge',
      { widgets: [{ ...text(), x: 24, width: 0, height: 1.5 }] },
      [
        ['/widgets/0/x', 'Should be <= 23'],
        ['/widgets/0/width', 'Should be >= 1'],
        ['/widgets/0/height', 'Should be integer'],
      ],
    ],
    [
      'a dimension as an object',
      { widgets: [graph(['AWS/SQS', 'NumberOfMessagesSent', { QueueName: 'jobs' }])] },
      [['/widgets/0/properties/metrics/0', 'Should NOT have more than 2 items']],
    ],
    [
      'a dimension without a value',
      { widgets: [graph(sqs, [...sqs, 'Other'])] },
      [['/widgets/0/properties/metrics/1', 'Should NOT have more than 4 items']],
    ],
    [
      'a number for a field',
      { widgets: [graph(['AWS/SQS', 'Sent', { stat: 'Sum' }, 5])] },
      [
        ['/widgets/0/properties/metrics/0/2', 'Invalid metric field type, only "String" type is allowed'],
        ['/widgets/0/properties/metrics/0/3', 'Invalid metric field type, only "String" type is allowed'],
      ],
    ],
    [
      'nothing to repeat',
      { widgets: [graph(sqs.slice(0, 2), ['.', '.', '.', 'x'])] },
      [['/widgets/0/properties/metrics/1/2', 'Repeat marker "." used but not enough fields in previous metric']],
    ],
    [
      'a graph of nothing',
      { widgets: [{ type: 'metric', properties: { region: 'us-east-1' } }] },
      [['/widgets/0/properties', "Should have required property 'metrics'"]],
    ],
    [
      'no alarms',
      { widgets: [{ type: 'alarm', properties: { alarms: [] } }] },
      [['/widgets/0/properties/alarms', 'Should NOT have fewer than 1 items']],
    ],
  ])('%s is refused, and where it is wrong is told', async (_, given, faults) => {
    const { client } = cloudWatchInTest();
    const put = client.putDashboard({ DashboardName: 'Bad', DashboardBody: JSON.stringify(given) });
    const count = faults.length === 1 ? 'there is 1 validation error' : `there are ${faults.length} validation errors`;
    const list = faults.map(([dataPath, message]) => ({ dataPath, message }));
    await expect(put).rejects.toBeInstanceOf(DashboardInvalidInputError);
    await expect(put).rejects.toMatchObject({
      Code: 'InvalidParameterInput',
      message: `The dashboard body is invalid, ${count}:\n${JSON.stringify(list, null, 2)}`,
      dashboardValidationMessages: faults.map(([DataPath, Message]) => ({ DataPath, Message })),
    });
    expect((await client.listDashboards({})).DashboardEntries).toEqual([]);
  });

  test.each([
    [
      'with a colon',
      'a:b',
      'The value a:b for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).',
    ],
    [
      'of 256 characters',
      'n'.repeat(256),
      `The value ${'n'.repeat(256)} for field DashboardName is longer than 255 characters.`,
    ],
  ])('a name %s is refused as InvalidParameterValue', async (_, DashboardName, message) => {
    const { client } = cloudWatchInTest();
    await expect(client.putDashboard({ DashboardName, DashboardBody: body() })).rejects.toMatchObject({
      message,
      Code: 'InvalidParameterValue',
    });
    await client.putDashboard({ DashboardName: 'n'.repeat(255), DashboardBody: body() });
  });

  test.each([
    [
      'a body that is no JSON',
      { DashboardName: 'a', DashboardBody: '{' },
      'The field DashboardBody must be a valid JSON object',
    ],
    [
      'a body that is no object',
      { DashboardName: 'a', DashboardBody: '[]' },
      'The field DashboardBody must be a valid JSON object',
    ],
  ])('%s is refused', async (_, input, message) => {
    await expect(cloudWatchInTest().client.putDashboard(input)).rejects.toMatchObject({
      message,
      Code: 'InvalidParameterInput',
    });
  });

  test('rows of metrics may repeat those above, and have options and expressions', async () => {
    const { client } = cloudWatchInTest();
    const rows = [
      [{ expression: 'a / b', label: 'ratio', id: 'e' }],
      [...sqs, { id: 'a', visible: false }],
      ['.', 'NumberOfMessagesReceived', '.', '.', { stat: 'Sum', period: 60, yAxis: 'right', color: '#ff0000' }],
      ['...', 'other'],
      ['AWS/Usage', 'CallCount'],
    ];
    const { DashboardValidationMessages } = await client.putDashboard({
      DashboardName: 'a',
      DashboardBody: body(graph(...rows)),
    });
    expect(DashboardValidationMessages).toEqual([]);
  });
});
