import { HOUR, MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { awsError, Bench } from './bench';

const MISSING = 'Function not found: arn:aws:lambda:eu-central-1:123456789012:function:nobody';

describe('functions', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench.lambda.stop());

  test('a function is found by its name, its ARN and its partial ARN', () => {
    bench.deploy('encoder', 'functions.echo', { environment: { TABLE: 'videos' } });
    const { functionArn } = { functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:encoder' };
    for (const FunctionName of ['encoder', functionArn, '123456789012:function:encoder']) {
      expect(bench.lambda.getFunctionConfiguration({ FunctionName }, bench.call)).toMatchObject({
        FunctionName: 'encoder',
        FunctionArn: functionArn,
        Runtime: 'nodejs22.x',
        Handler: 'functions.echo',
        Timeout: 3,
        MemorySize: 128,
        Environment: { Variables: { TABLE: 'videos' } },
        LastModified: '2030-01-01T00:00:00.000+0000',
        State: 'Active',
      });
    }
    expect(bench.lambda.getFunction({ FunctionName: 'encoder' }, bench.call).Code?.Location).toMatch(
      /^file:.*fixtures$/,
    );
    bench.deploy('other', 'functions.echo');
    const first = bench.lambda.listFunctions({ MaxItems: 1 }, bench.call);
    const second = bench.lambda.listFunctions({ Marker: first.NextMarker }, bench.call);
    expect([first, second].map(({ Functions = [] }) => Functions.map(({ FunctionName }) => FunctionName))).toEqual([
      ['encoder'],
      ['other'],
    ]);
    expect(second.NextMarker).toBeUndefined();
  });

  test('rejects a function or version that does not exist', async () => {
    const missing = { FunctionName: 'nobody' };
    const error = { shape: 'ResourceNotFoundException', status: 404, message: MISSING };
    expect(() => bench.lambda.getFunction(missing, bench.call)).toThrow(awsError(error));
    expect(() => bench.lambda.getFunctionConfiguration(missing, bench.call)).toThrow(awsError(error));
    await expect(bench.lambda.invoke(missing, bench.call)).rejects.toMatchObject(error);
    await expect(bench.lambda.deleteFunction(missing, bench.call)).rejects.toMatchObject(error);
    bench.deploy('encoder', 'functions.echo');
    await expect(bench.lambda.invoke({ FunctionName: 'encoder', Qualifier: '7' }, bench.call)).rejects.toMatchObject({
      message: 'Function not found: arn:aws:lambda:eu-central-1:123456789012:function:encoder:7',
    });
  });

  test('rejects functions that AWS would reject', () => {
    bench.deploy('encoder', 'functions.echo');
    expect(() => bench.deploy('encoder', 'functions.echo')).toThrow(
      awsError({ shape: 'ResourceConflictException', message: 'Function already exist: encoder' }),
    );
    expect(() => bench.deploy('a', 'functions.echo', { timeoutSeconds: 901 })).toThrow(
      "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
    );
    expect(() => bench.deploy('a', 'functions.echo', { memoryMegabytes: 64 })).toThrow(/'64' at 'memorySize'/);
    expect(() => bench.deploy('a b', 'functions.echo')).toThrow(/'a b' at 'functionName'/);
    expect(() => bench.deploy('a', 'functions.echo', { reservedConcurrency: 901 })).toThrow(
      "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below " +
        'its minimum value of [100].',
    );
  });
});

describe('invocations', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench.lambda.stop());

  test('the answer comes back, and the end of the log where it is asked for', async () => {
    bench.deploy('echo', 'functions.echo');
    const response = await bench.lambda.invoke(
      {
        FunctionName: 'echo',
        Payload: Buffer.from('{"a":1}'),
        LogType: 'Tail',
        ClientContext: Buffer.from('{"client":"test"}').toString('base64'),
      },
      bench.call,
    );
    expect(response).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(response.FunctionError).toBeUndefined();
    expect(Buffer.from(response.Payload ?? []).toString()).toBe('{"event":{"a":1},"client":{"client":"test"}}');
    expect(Buffer.from(response.LogResult ?? '', 'base64').toString()).toMatch(
      /^START .*\n\S+Z\t\S+\tINFO\techoing\nEND .*\nREPORT .*\n$/,
    );
    expect(bench.events.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'lambda.invoked echo',
      'lambda.returned echo',
    ]);
  });

  test('an absent payload is an empty event; rejects payloads that are not JSON or too long', async () => {
    bench.deploy('echo', 'functions.echo');
    const answer = await bench.lambda.invoke({ FunctionName: 'echo' }, bench.call);
    expect(Buffer.from(answer.Payload ?? []).toString()).toBe('{"event":{}}');
    const send = (Payload: Buffer, InvocationType?: 'Event') =>
      bench.lambda.invoke({ FunctionName: 'echo', Payload, InvocationType }, bench.call);
    await expect(send(Buffer.from('{"a"'))).rejects.toMatchObject({
      shape: 'InvalidRequestContentException',
      message: expect.stringMatching(/^Could not parse request body into json: /) as string,
    });
    const tooLong = { shape: 'RequestTooLargeException', status: 413 };
    await expect(send(Buffer.alloc(6_291_457, '1'))).rejects.toMatchObject(tooLong);
    await expect(send(Buffer.alloc(1_048_577, '1'), 'Event')).rejects.toMatchObject(tooLong);
    bench.deploy('large', 'functions.large');
    expect(await bench.invoke('large', { size: 7_000_000 })).toMatchObject({
      FunctionError: 'Unhandled',
      answer: { errorType: 'Function.ResponseSizeTooLarge' },
    });
  });

  test("a function's error is an answer", async () => {
    bench.deploy('fail', 'functions.fail');
    const { StatusCode, FunctionError, answer } = await bench.invoke('fail', { what: 'frames' });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(answer).toMatchObject({ errorType: 'TypeError', errorMessage: 'no frames' });
  });

  test('a function that takes too long is ended when its time is up', async () => {
    bench.deploy('sleep', 'functions.sleep');
    const start = bench.clock.now();
    const invocation = bench.invoke('sleep', { sleep: HOUR });
    await bench.clock.runUntil(() => bench.of('lambda.failed').length > 0);
    expect((await invocation).answer).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 3\.00 seconds$/) as string,
    });
    expect(bench.clock.now() - start).toBe(3 * SECOND);
  });

  test('concurrency that is reserved is had, and never exceeded', async () => {
    bench = new Bench({ concurrentExecutions: 3, unreservedMinimum: 1 });
    bench.deploy('few', 'functions.sleep', { reservedConcurrency: 1 });
    bench.deploy('none', 'functions.sleep', { reservedConcurrency: 0 });
    bench.deploy('rest', 'functions.sleep');
    const throttled = { shape: 'TooManyRequestsException', status: 429, message: 'Rate Exceeded.' };
    const running = [bench.invoke('few', { sleep: 1_000 })];
    await expect(bench.invoke('few', {})).rejects.toMatchObject(throttled);
    await expect(bench.invoke('none', {})).rejects.toMatchObject(throttled);
    running.push(bench.invoke('rest', { sleep: 1_000 }), bench.invoke('rest', { sleep: 1_000 }));
    await expect(bench.invoke('rest', {})).rejects.toMatchObject(throttled);
    expect(bench.lambda.functions().map(({ name, running }) => [name, running])).toEqual([
      ['few', 1],
      ['none', 0],
      ['rest', 2],
    ]);
    await bench.clock.advance(2 * SECOND);
    expect((await Promise.all(running)).map(({ answer }) => answer)).toEqual(['awake', 'awake', 'awake']);
    const again = bench.invoke('few', { sleep: 1 });
    await bench.clock.advance(SECOND);
    expect((await again).answer).toBe('awake');
  });

  test('DryRun runs nothing', async () => {
    bench.deploy('echo', 'functions.echo');
    const response = await bench.lambda.invoke({ FunctionName: 'echo', InvocationType: 'DryRun' }, bench.call);
    expect(response).toEqual({ StatusCode: 204 });
    expect(bench.events).toEqual([]);
  });

  test('an Event is tried again after one and after two minutes', async () => {
    bench.deploy('fail', 'functions.fail');
    const start = bench.clock.now();
    const response = await bench.lambda.invoke({ FunctionName: 'fail', InvocationType: 'Event' }, bench.call);
    expect(response).toEqual({ StatusCode: 202 });
    await bench.clock.advance(HOUR);
    expect(bench.of('lambda.invoked').map(({ at }) => at - start)).toEqual([0, MINUTE, 3 * MINUTE]);
    expect(new Set(bench.of('lambda.invoked').map(({ detail }) => detail.request)).size).toBe(1);
    expect(bench.of('lambda.dropped').map(({ detail }) => detail.reason)).toEqual(['RetriesExhausted']);
  });

  test('an Event waits while its function is throttled, but not for ever', async () => {
    bench = new Bench({ asynchronousEventAge: 10 * MINUTE });
    bench.deploy('busy', 'functions.sleep', { reservedConcurrency: 1, timeoutSeconds: 60 });
    bench.deploy('stuck', 'functions.sleep', { reservedConcurrency: 1, timeoutSeconds: 900 });
    const running = bench.invoke('busy', { sleep: 10_000 });
    const stuck = bench.invoke('stuck', { sleep: 900_000 });
    const start = bench.clock.now();
    for (const FunctionName of ['busy', 'stuck']) {
      const Payload = Buffer.from('{"sleep":1}');
      await bench.lambda.invoke({ FunctionName, InvocationType: 'Event', Payload }, bench.call);
    }
    await bench.clock.advance(20 * SECOND);
    expect((await running).answer).toBe('awake');
    expect(bench.of('lambda.returned').map(({ subject }) => subject)).toEqual(['busy', 'busy']);
    await bench.clock.advance(HOUR);
    await stuck;
    const [dropped] = bench.of('lambda.dropped');
    expect(dropped).toMatchObject({ subject: 'stuck', detail: { reason: 'EventAgeExceeded' } });
    // It was tried after 1, 3, 7 … 255 s, and would have been again after 511 s, and 300 s later.
    expect(dropped.at - start).toBe(511 * SECOND);
  });
});
