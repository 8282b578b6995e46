import { CALL, SqsInTest } from './sqs-in-test';

describe('delivery anomalies (§1.7)', () => {
  const run = async (anomalies: object, seed = 5) => {
    const t = new SqsInTest({ fifoTransactions: Infinity }, seed, { anomalies });
    t.create('q', { VisibilityTimeout: '5' });
    for (let i = 0; i < 200; i++) t.send('q', String(i));
    const seen: string[] = [];
    let empty = 0;
    for (let round = 0; round < 2_000; round++) {
      const found = t.receive('q');
      const { visible = 0, inFlight = 0 } = t.sqs.counts('q') ?? {};
      if (found.length === 0 && visible + inFlight === 0) break;
      if (found.length === 0) empty++;
      for (const message of found) {
        seen.push(message.Body ?? '');
        t.delete('q', message);
      }
      if (round % 5 === 0) await t.wait(1);
    }
    return { seen, empty, t };
  };
  const inOrder = Array.from({ length: 200 }, (_, i) => String(i));

  test('without anomalies, each message comes once and in order', async () => {
    expect(await run({})).toMatchObject({ seen: inOrder, empty: 0 });
  });

  test('duplicates: delivers messages again, even after their deletion, and loses none', async () => {
    const { seen } = await run({ duplicates: 0.2 });
    expect(seen.length).toBeGreaterThan(200);
    expect(new Set(seen)).toEqual(new Set(inOrder));
  });

  test('reordering: delivers each message once, some out of order', async () => {
    const { seen } = await run({ reordering: 0.2 });
    expect(seen).toHaveLength(200);
    expect(seen).not.toEqual(inOrder);
    expect(new Set(seen)).toEqual(new Set(inOrder));
  });

  test('reordering: delivers an overtaken message right after the next one, unless it is overtaken again', async () => {
    const { seen } = await run({ reordering: 0.2 });
    const overtaken = seen.flatMap((body, index) => (Number(body) < Number(seen[index - 1] ?? -1) ? [index] : []));
    expect(overtaken.length).toBeGreaterThan(20);
    // A message that is late has only those before it that overtook it, one at a time.
    for (const index of overtaken) {
      const late = Number(seen[index]);
      let overtakers = 0;
      while (Number(seen[index - 1 - overtakers] ?? -1) > late) overtakers++;
      expect(seen.slice(index - overtakers, index)).toEqual(
        Array.from({ length: overtakers }, (_, i) => String(late + 1 + i)),
      );
    }
  });

  test('reordering: keeps an overtaken message first in its group of a fair queue', () => {
    const t = new SqsInTest({}, 5, { anomalies: { reordering: 0.5 } });
    t.create('q');
    for (let i = 0; i < 50; i++) t.send('q', String(i), { MessageGroupId: 'g' });
    const seen: number[] = [];
    for (let found = t.receive('q'); found.length > 0; found = t.receive('q')) {
      seen.push(...found.map(({ Body }) => Number(Body)));
      for (const message of found) t.delete('q', message);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(seen.every((number, index) => number <= index + 1)).toBe(true); // nothing runs further ahead than by one
    expect(seen).not.toEqual([...seen].sort((a, b) => a - b));
  });

  test('emptyReceives: short polls sometimes return nothing, long polls never do', async () => {
    const { empty, t } = await run({ emptyReceives: 0.5 });
    expect(empty).toBeGreaterThan(5);
    for (let i = 0; i < 20; i++) {
      t.send('q', 'x');
      const found = t.sqs.receiveMessage({ QueueUrl: 'q', WaitTimeSeconds: 1 }, CALL);
      expect(found).toHaveProperty('Messages');
    }
  });

  test('produces the same anomalies for the same seed, and none for FIFO queues', async () => {
    const all = { duplicates: 0.2, reordering: 0.2, emptyReceives: 0.2 };
    expect((await run(all)).seen).toEqual((await run(all)).seen);
    expect((await run(all, 6)).seen).not.toEqual((await run(all, 7)).seen);
    const { t } = await run(all);
    t.create('q.fifo');
    t.sendInGroup('q.fifo', 'g', ...inOrder);
    const seen: (string | undefined)[] = [];
    for (let found = t.receive('q.fifo'); found.length > 0; found = t.receive('q.fifo')) {
      seen.push(...found.map(({ Body }) => Body));
      for (const message of found) t.delete('q.fifo', message);
    }
    expect(seen).toEqual(inOrder);
  });

  test.each([{ duplicates: 1 }, { reordering: -0.1 }, { emptyReceives: NaN }])('rejects %j', (anomalies) => {
    expect(() => new SqsInTest({}, 1, { anomalies })).toThrow(/sqsAnomalies\.\w+ must be at least 0 and less than 1/);
  });
});
