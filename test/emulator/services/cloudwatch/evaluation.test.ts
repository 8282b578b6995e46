import {
  evaluate,
  type AlarmState,
  type EvaluationRule,
  type MissingData,
} from '../../../../lib/emulator/services/cloudwatch';

const treatments: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

/** Oldest to newest: X breaches, 0 does not, - is missing. */
function range(text: string): (number | undefined)[] {
  return text.split(' ').map((mark) => (mark === '-' ? undefined : mark === 'X' ? 2 : 0));
}

function rule(m: number, n: number, treatMissingData: MissingData): EvaluationRule {
  return { evaluationPeriods: n, datapointsToAlarm: m, treatMissingData, breaches: (value) => value > 1 };
}

// N = 3, so five points are read. The columns: missing, ignore, breaching, notBreaching.
type Row = readonly [m: number, data: string, ...(AlarmState | 'unchanged')[]];
const INSUFFICIENT = 'INSUFFICIENT_DATA';
const table: readonly Row[] = [
  [3, '0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  [3, '0 - - - -', 'OK', 'OK', 'OK', 'OK'],
  [3, '- - - - -', INSUFFICIENT, 'unchanged', 'ALARM', 'OK'],
  [3, '0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, '- - X - -', 'ALARM', 'unchanged', 'ALARM', 'OK'],
  [2, '0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '- - - X -', 'ALARM', 'unchanged', 'ALARM', 'OK'],
];

describe('§5 the truth tables of missing data', () => {
  const cells = table.flatMap(([m, data, ...states]) =>
    treatments.map((treatment, column) => [m, data, treatment, states[column]] as const),
  );
  test.each(cells)('%i of 3, %s, missing is %s: %s', (m, data, treatment, state) => {
    expect(evaluate(range(data), rule(m, 3, treatment)).state).toBe(state);
  });

  test.each(['- - - - X', '- - - X -', '- - - X X'])('§5 premature: 3 of 3, %s does not alarm', (data) => {
    expect(evaluate(range(data), rule(3, 3, 'missing')).state).toBe('unchanged');
    expect(evaluate(range(data), rule(3, 3, 'ignore')).state).toBe('unchanged');
    expect(evaluate(range(data), rule(3, 3, 'notBreaching')).state).toBe('OK');
  });

  test('§5 premature: a newer point that does not breach keeps the alarm off', () => {
    expect(evaluate(range('- - X - 0'), rule(3, 3, 'missing')).state).toBe('OK');
    expect(evaluate(range('- - X X -'), rule(3, 3, 'missing')).state).toBe('ALARM');
  });
});

describe('§5 which points are judged', () => {
  test('the newest N real points, wherever they are in the range', () => {
    const verdict = evaluate(range('X 0 - X -'), rule(1, 3, 'breaching'));
    expect(verdict).toEqual({ state: 'ALARM', judged: [0, 1, 3], filled: 0 });
  });

  test('only the shortfall is filled, and no real point is displaced', () => {
    expect(evaluate(range('X - - - -'), rule(3, 3, 'breaching'))).toEqual({ state: 'ALARM', judged: [0], filled: 2 });
  });

  test('with N = 1 the newest point alone decides', () => {
    expect(evaluate(range('X X 0'), rule(1, 1, 'missing')).state).toBe('OK');
    expect(evaluate(range('0 X -'), rule(1, 1, 'missing')).state).toBe('ALARM');
  });
});
