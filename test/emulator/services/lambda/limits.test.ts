import type { CreateEventSourceMappingRequest, PutFunctionEventInvokeConfigRequest } from '@aws-sdk/client-lambda';
import { SECOND } from '../../../../lib/emulator/clock';
import type { NewFunction } from '../../../../lib/emulator/services/lambda';
import { Bench } from './bench';

type Row = [what: string, allowed: readonly unknown[], refused: readonly unknown[]];

function check([, allowed, refused]: Row, attempt: (value: unknown) => void): void {
  for (const value of allowed) expect(() => attempt(value)).not.toThrow();
  for (const value of refused) expect(() => attempt(value)).toThrow();
}

const environmentOf = (bytes: number) => ({ KEY: 'v'.repeat(bytes - JSON.stringify({ KEY: '' }).length) });
const filters = (count: number) => ({ Filters: Array(count).fill({ Pattern: '{}' }) as { Pattern: string }[] });
const longFilter = (length: number) => ({ Filters: [{ Pattern: '{}'.padEnd(length) }] });

describe("accepts values at a request's limits, and rejects those beyond them", () => {
  test.each<Row>([
    ['functionName', ['f', 'f'.repeat(64)], ['', 'f'.repeat(65), 'a.b']],
    ['timeoutSeconds', [1, 900], [0, 901]],
    ['memoryMegabytes', [128, 10_240], [127, 10_241]],
    ['environment', [environmentOf(4_096)], [environmentOf(4_097), { '1': '' }]],
    ['reservedConcurrency', [0, 900], [-1, 901]],
  ])('of a function: %s', (...row) => {
    check(row, (value) => {
      const more: Partial<NewFunction> = { [row[0]]: value };
      new Bench().deploy(more.functionName ?? 'f', 'batch.handler', more);
    });
  });

  test.each<Row>([
    ['BatchSize', [1, 10], [0, 11]],
    ['MaximumBatchingWindowInSeconds', [0, 300], [-1, 301]],
    ['ScalingConfig', [{ MaximumConcurrency: 2 }, { MaximumConcurrency: 1_000 }], [{ MaximumConcurrency: 1_001 }]],
    [
      'ProvisionedPollerConfig',
      [
        { MinimumPollers: 2, MaximumPollers: 2 },
        { MinimumPollers: 200, MaximumPollers: 200 },
        { MaximumPollers: 10_000 },
      ],
      [{ MinimumPollers: 3, MaximumPollers: 2 }, { MaximumPollers: 1 }],
    ],
    ['FilterCriteria', [filters(10), longFilter(4_096)], [filters(11), longFilter(4_097)]],
  ])('of an event source mapping: %s', (...row) => {
    check(row, (value) => {
      const bench = new Bench();
      bench.deploy('f', 'batch.handler');
      const input: Partial<CreateEventSourceMappingRequest> = { [row[0]]: value };
      const EventSourceArn = bench.queue('Videos');
      bench.lambda.createEventSourceMapping({ FunctionName: 'f', EventSourceArn, ...input }, bench.call);
    });
  });

  test('of the batches of an event source mapping, by queue and window', () => {
    const create = (queue: string, BatchSize: number, MaximumBatchingWindowInSeconds?: number) => () => {
      const bench = new Bench();
      bench.deploy('f', 'batch.handler');
      const EventSourceArn = bench.queue(queue, queue.endsWith('.fifo') ? { FifoQueue: 'true' } : {});
      const input = { FunctionName: 'f', EventSourceArn, BatchSize, MaximumBatchingWindowInSeconds };
      bench.lambda.createEventSourceMapping(input, bench.call);
    };
    expect(create('Videos', 10_000, 1)).not.toThrow();
    expect(create('Videos', 10_001, 1)).toThrow();
    expect(create('Videos.fifo', 10, 0)).not.toThrow();
    expect(create('Videos.fifo', 11)).toThrow('Batch size must be between 1 and 10 for a FIFO queue');
  });

  test('a queue may hide its messages for exactly as long as the function takes', () => {
    const bench = new Bench();
    bench.deploy('f', 'batch.handler', { timeoutSeconds: 30 });
    const create = (EventSourceArn: string) => () =>
      bench.lambda.createEventSourceMapping({ FunctionName: 'f', EventSourceArn }, bench.call);
    expect(create(bench.queue('Videos', { VisibilityTimeout: '30' }))).not.toThrow();
    expect(create(bench.queue('Clips', { VisibilityTimeout: '29' }))).toThrow(
      'Queue visibility timeout: 29 seconds is less than Function timeout: 30 seconds',
    );
  });

  test.each<Row>([
    ['MaximumRetryAttempts', [0, 2], [-1, 3]],
    ['MaximumEventAgeInSeconds', [60, 21_600], [59, 21_601]],
  ])('of an event invoke configuration: %s', (...row) => {
    check(row, (value) => {
      const bench = new Bench();
      bench.deploy('f', 'batch.handler');
      const input: Partial<PutFunctionEventInvokeConfigRequest> = { [row[0]]: value };
      bench.lambda.putFunctionEventInvokeConfig({ FunctionName: 'f', ...input }, bench.call);
    });
  });
});

test('lists come in pages: of 50 functions and 100 mappings at most', async () => {
  const bench = new Bench();
  const EventSourceArn = bench.queue('Videos');
  for (let index = 0; index < 101; index++) {
    bench.deploy(`f${index}`, 'batch.handler');
    const input = { FunctionName: `f${index}`, EventSourceArn, Enabled: false };
    bench.lambda.createEventSourceMapping(input, bench.call);
  }
  await bench.clock.advance(SECOND);
  const functions = bench.lambda.listFunctions({}, bench.call);
  expect(functions.Functions).toHaveLength(50);
  const next = bench.lambda.listFunctions({ Marker: functions.NextMarker, MaxItems: 10_000 }, bench.call);
  expect([next.Functions?.length, next.Functions?.[0].FunctionName]).toEqual([50, 'f50']);
  const mappings = bench.lambda.listEventSourceMappings({}, bench.call);
  expect(mappings.EventSourceMappings).toHaveLength(100);
  const last = bench.lambda.listEventSourceMappings({ Marker: mappings.NextMarker }, bench.call);
  expect([last.EventSourceMappings?.length, last.NextMarker]).toEqual([1, undefined]);
  for (const MaxItems of [0, 10_001]) expect(() => bench.lambda.listFunctions({ MaxItems }, bench.call)).toThrow();
});
