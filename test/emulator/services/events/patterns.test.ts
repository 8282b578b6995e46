import { type EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { EventsInTest, refusalOf } from './events-in-test';

// Contract §11.4.

let cloud: EventsInTest;
let events: EventBridgeClient;
beforeAll(async () => {
  cloud = await EventsInTest.open();
  events = cloud.events;
});
afterAll(() => cloud.close());

const EVENT = {
  version: '0',
  id: '1',
  'detail-type': 'Order placed',
  source: 'shop',
  account: '123456789012',
  time: '2030-01-01T00:00:00Z',
  region: 'us-east-1',
  resources: ['arn:aws:sqs:us-east-1:123456789012:a', 'arn:aws:sqs:us-east-1:123456789012:b'],
};

async function isMatch(pattern: object | string, detail: unknown): Promise<boolean> {
  const EventPattern = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
  const Event = JSON.stringify({ ...EVENT, detail });
  return (await events.send(new TestEventPatternCommand({ EventPattern, Event }))).Result === true;
}

/** What the field `x` of a detail must be, values that match, and values that do not. */
const OPERATORS: readonly [rules: readonly unknown[], matching: readonly unknown[], others: readonly unknown[]][] = [
  [['a'], ['a', ['b', 'a'], [['a']]], ['A', 'ab', '', null, 1, [], { a: 'a' }, undefined]],
  [[''], [''], [null, ' ', undefined]],
  [[null], [null, [null]], ['null', '', undefined, false]],
  [[true], [true], ['true', 1, false]],
  [[300], [300, 300.0, 3e2], ['300', 301, null]],
  [['300'], ['300'], [300]],
  [[12345678901234], [12345678901234], [12345678901235]],
  [
    ['a', 2, { prefix: 'z' }],
    ['a', 2, 'zoo'],
    ['b', '2', 'azoo'],
  ],
  [[{ prefix: 'ab' }], ['ab', 'abc'], ['a', 'Abc', 'xab', 1, null]],
  [[{ prefix: '' }], ['', 'x'], [1, null, true, undefined]],
  [[{ prefix: { 'equals-ignore-case': 'aB' } }], ['ABc', 'abc'], ['xab']],
  [[{ suffix: '.png' }], ['a.png', '.png'], ['a.PNG', 'png', 'a.png ']],
  [[{ suffix: { 'equals-ignore-case': '.png' } }], ['a.PNG', 'a.pNg'], ['png']],
  [[{ 'equals-ignore-case': 'Alice' }], ['alice', 'ALICE', 'Alice'], ['alic', 'alice ']],
  [[{ exactly: 'a' }], ['a'], ['A', 'aa']],
  [[{ wildcard: 'a*b' }], ['ab', 'axxb', 'abab'], ['a', 'abx', 'xab', 'ba']],
  [[{ wildcard: '*' }], ['', 'x'], [1, null]],
  [[{ wildcard: '' }], [''], ['x']],
  [[{ wildcard: '*a*a*' }], ['aa', 'xaxax'], ['a', 'bab']],
  [[{ wildcard: 'a\\*b\\\\c*' }], ['a*b\\c', 'a*b\\cd'], ['axb\\c', 'ab\\c']],
  [[{ wildcard: 'aa*aa' }], ['aaaa', 'aaxaa'], ['aaa', 'aa']],
  [[{ 'anything-but': 'a' }], ['b', '', null, 1, ['a', 'b']], ['a', ['a'], undefined, [], {}]],
  [[{ 'anything-but': 1 }], [2, '1', null], [1, 1.0]],
  [[{ 'anything-but': ['a', 'b'] }], ['c', 1], ['a', 'b']],
  [[{ 'anything-but': [1, 2] }], [3, '1'], [1, 2]],
  [[{ 'anything-but': { prefix: 'a' } }], ['b', 1, null], ['a', 'ab', undefined]],
  [[{ 'anything-but': { prefix: ['a', 'b'] } }], ['c'], ['ax', 'bx']],
  [[{ 'anything-but': { suffix: 'a' } }], ['ab'], ['ba']],
  [[{ 'anything-but': { suffix: ['a', 'b'] } }], ['c'], ['xa', 'xb']],
  [[{ 'anything-but': { 'equals-ignore-case': 'a' } }], ['b', 'aa'], ['A', 'a']],
  [[{ 'anything-but': { 'equals-ignore-case': ['a', 'b'] } }], ['c'], ['A', 'B']],
  [[{ 'anything-but': { wildcard: '*/x/*' } }], ['/x', 1], ['a/x/b']],
  [[{ 'anything-but': { wildcard: ['*a', 'b*'] } }], ['ab'], ['xa', 'bx']],
  [[{ 'anything-but': { wildcard: '' } }], ['a'], ['']],
  [[{ numeric: ['=', 5] }], [5, 5.0], [5.1, '5', null]],
  [[{ numeric: ['<', 10] }], [9.99, -1], [10, '9']],
  [[{ numeric: ['<=', 10] }], [10], [10.01]],
  [[{ numeric: ['>', 0, '<=', 5] }], [1, 5, [9, 3]], [0, 6, null]],
  [[{ numeric: ['>=', -1.5, '<', 2] }], [-1.5, 1.999], [-1.51, 2]],
  [[{ cidr: '10.0.0.0/24' }], ['10.0.0.0', '10.0.0.255'], ['10.0.1.0', '10.0.0', '::10.0.0.1', 10, '']],
  [[{ cidr: '10.0.0.77/24' }], ['10.0.0.3'], ['10.0.1.0']],
  [[{ cidr: '2001:db8::/32' }], ['2001:db8::1', '2001:0db8:0:0::ffff'], ['2001:db9::1', '1.2.3.4']],
  [['10.0.0.1'], ['10.0.0.1'], ['10.0.0.2', 'x']],
  [['2001:db8::1'], ['2001:0db8:0:0:0:0:0:1'], ['2001:db8::2']],
  [[{ exists: true }], ['a', null, 0, [1], [[false]]], [undefined, [], {}, { a: 1 }, [{ a: 1 }]]],
  [[{ exists: false }], [undefined, [], {}, { a: 1 }], ['a', null, [1]]],
  [[{ exists: false }, 'a'], [undefined, 'a'], ['b']],
];

test.each(OPERATORS)('%j', async (rules, matching, others) => {
  const pattern = { detail: { x: rules } };
  for (const x of matching) expect([x, await isMatch(pattern, { x })]).toEqual([x, true]);
  for (const x of others) expect([x, await isMatch(pattern, { x })]).toEqual([x, false]);
});

/** Patterns and details, each with whether they match. */
const STRUCTURES: readonly [what: string, pattern: object, detail: unknown, matches: boolean][] = [
  ['all fields must match', { source: ['shop'], detail: { a: [1], b: [2] } }, { a: 1, b: 2 }, true],
  ['one field that does not match is enough', { source: ['shop'], detail: { a: [1], b: [2] } }, { a: 1, b: 3 }, false],
  ['field names are case-sensitive', { detail: { A: [1] } }, { a: 1 }, false],
  ['any element of a list may match', { resources: [{ suffix: ':b' }] }, {}, true],
  ['dots in a pattern are objects of the event', { 'detail.a.b': [1] }, { a: { b: 1 } }, true],
  ['dots in an event are objects of the pattern', { detail: { a: { b: [1] } } }, { 'a.b': 1 }, true],
  ['both spellings of a path count', { detail: { a: { b: [1] } } }, { 'a.b': 1, a: { b: 2 } }, true],
  [
    'fields of an object in a list match in one element',
    { detail: { l: { a: [1], b: [2] } } },
    { l: [{ a: 1, b: 2 }] },
    true,
  ],
  [
    'fields of different elements do not match',
    { detail: { l: { a: [1], b: [2] } } },
    { l: [{ a: 1 }, { b: 2 }] },
    false,
  ],
  [
    'what is absent is so in the element that matches',
    { detail: { l: { a: [1], b: [{ exists: false }] } } },
    { l: [{ b: 2 }, { a: 1 }] },
    true,
  ],
  [
    'what is only absent is so in all elements',
    { detail: { l: { b: [{ exists: false }] } } },
    { l: [{ b: 2 }, { a: 1 }] },
    false,
  ],
  ['absent parents make a field absent', { detail: { p: { q: { r: [{ exists: false }] } } } }, {}, true],
  ['$or needs one alternative', { detail: { $or: [{ a: [1] }, { b: [2] }] } }, { b: 2 }, true],
  ['$or without any alternative', { detail: { $or: [{ a: [1] }, { b: [2] }] } }, { b: 1 }, false],
  [
    '$or beside other fields',
    { source: ['shop'], $or: [{ detail: { a: [1] } }, { region: ['mars'] }] },
    { a: 1 },
    true,
  ],
  [
    '$or within $or',
    { detail: { $or: [{ a: [1], $or: [{ b: [1] }, { c: [1] }] }, { d: [1] }] } },
    { a: 1, c: 1 },
    true,
  ],
  [
    'fields of an $or alternative all match',
    { detail: { $or: [{ a: [1], b: [1] }, { c: [1] }] } },
    { a: 1, b: 2 },
    false,
  ],
  ['an inherited name is no field', { detail: { constructor: [{ exists: true }] } }, {}, false],
];

test.each(STRUCTURES)('%s', async (_what, pattern, detail, matches) => {
  expect(await isMatch(pattern, detail)).toBe(matches);
});

test('the last of two equal names counts', async () => {
  expect(await isMatch('{"detail": {"a": [1], "a": [2]}}', { a: 2 })).toBe(true);
  expect(await isMatch('{"detail": {"a": [1], "a": [2]}}', { a: 1 })).toBe(false);
});

const WILDCARD = 'arn:aws:events:us-east-1:**:event-bus/*';

/** Invalid patterns, their reasons, and where EventBridge reports them: at a column, at one twice, or nowhere. */
const INVALID: readonly [pattern: string, reason: string, column: number | undefined, times?: number][] = [
  ['[1]', 'Filter is not an object', 2],
  [
    'this is not JSON',
    "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    5,
  ],
  ["{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 2],
  [
    '{"not": closed mark"',
    "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    15,
  ],
  ['{"int": 42}', '"int" must be an object or an array', 11],
  ['{"string": "my-value"}', '"string" must be an object or an array', 13],
  ['{"resources": []}', 'Empty arrays are not allowed', 17],
  ['{"detail": {}}', 'Empty objects are not allowed', 14],
  ['{}', 'Empty objects are not allowed', 3],
  ['{"a": [[1]]}', 'Match value must be String, number, true, false, or null', 9],
  ['{"my_key": [{"EXISTS": true}]}', 'Unrecognized match type EXISTS', 28],
  ['{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}', 'Unrecognized match type NUMERIC', 36],
  ['{"a": [{}]}', 'Match expression name not found', 10],
  ['{"a": [{"prefix": "b", "suffix": "c"}]}', 'Only one key allowed in match expression', 35],
  ['{"time": [{"prefix": 123}]}', 'prefix match pattern must be a string', 25],
  ['{"time": [{"prefix": ["2022-07-13"]}]}', 'prefix match pattern must be a string', 23],
  ['{"FileName": [{"suffix": 123}]}', 'suffix match pattern must be a string', 29],
  ['{"EventBusArn": [{"wildcard": 123}]}', 'wildcard match pattern must be a string', 34],
  [
    '{"detail-type": [{"equals-ignore-case": {"prefix": "ec2"}}]}',
    'equals-ignore-case match pattern must be a string',
    42,
  ],
  ['{"a": [{"exactly": 1}]}', 'exact match pattern must be a string', 21],
  ['{"a": [{"prefix": {"wildcard": "x"}}]}', 'Unsupported prefix pattern: wildcard', 33],
  ['{"a": [{"suffix": {"prefix": "x"}}]}', 'Unsupported suffix pattern: prefix', 31],
  ['{"a": [{"anything-but": {"numeric": ["=", 1]}}]}', 'Unsupported anything-but pattern: numeric', 38],
  ['{"a": [{"anything-but": null}]}', 'Value of anything-but must be an array or single string/number value.', 29],
  ['{"a": [{"anything-but": [null]}]}', 'Inside anything but list, start|null|boolean is not supported.', 30, 2],
  [
    '{"a": [{"anything-but": [1, "a"]}]}',
    'Inside anything but list, either all values are number or string, mixed type is not supported',
    33,
  ],
  [
    '{"a": [{"anything-but": []}]}',
    'Inside anything but list, either all values are number or string, mixed type is not supported',
    27,
  ],
  [
    '{"detail": {"state": [{"anything-but": {"equals-ignore-case": 123}}]}}',
    'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    66,
  ],
  [
    '{"detail": {"state": [{"anything-but": {"equals-ignore-case": [123, 456]}}]}}',
    'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    67,
    2,
  ],
  ['{"detail": {"state": [{"anything-but": {"prefix": 123}}]}}', 'prefix/suffix match pattern must be a string', 54],
  [
    '{"detail": {"state": [{"anything-but": {"prefix": [123, "test"]}}]}}',
    'prefix/suffix match pattern must be a string',
    55,
    2,
  ],
  [
    '{"detail": {"FileName": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]}}',
    'Value of anything-but must be an array or single string/number value.',
    55,
  ],
  ['{"a": [{"anything-but": {"prefix": ""}}]}', 'Null prefix/suffix not allowed', 38],
  ['{"detail": {"FilePath": [{"anything-but": {"wildcard": 123}}]}}', 'wildcard match pattern must be a string', 59],
  ['{"a": [{"numeric": 1}]}', 'Value of numeric must be an array.', 21],
  ['{"a": [{"numeric": [1]}]}', 'Invalid member in numeric match: 1', 22],
  ['{"a": [{"numeric": ["!", 1]}]}', 'Unrecognized numeric range operator: !', 27],
  ['{"a": [{"numeric": ["=", "1"]}]}', 'Value of equals must be numeric', 27],
  ['{"a": [{"numeric": [">", "1"]}]}', 'Value of > must be numeric', 27],
  ['{"a": [{"numeric": ["<", 1, ">", 0]}]}', 'Too many elements in numeric expression', 30],
  ['{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}', 'Bad numeric range operator: >', 49],
  ['{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', 'Value of < must be numeric', 50],
  ['{"a": [{"numeric": [">", 0, 1]}]}', 'Bad value in numeric range: 1', 30],
  ['{"a": [{"numeric": [">", 0, "<", 1, 2]}]}', 'Too many terms in numeric range expression', 38],
  ['{"a": [{"exists": 1}]}', 'exists match pattern must be either true or false.', 20],
  ['{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}', 'prefix match pattern must be a string', 43],
  ['{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required", undefined],
  ['{"a": [{"cidr": "10.0.0.0/xx"}]}', 'Malformed CIDR, mask bits must be an integer', undefined],
  ['{"a": [{"cidr": "10.0.0.0/-1"}]}', 'Malformed CIDR, mask bits must not be negative', undefined],
  ['{"a": [{"cidr": "10.0.0.0/32"}]}', 'IPv4 mask bits must be < 32', undefined],
  ['{"a": [{"cidr": "::/128"}]}', 'IPv6 mask bits must be < 128', undefined],
  ['{"a": [{"cidr": "xx.11.xx/8"}]}', 'Nonstandard IP address: xx.11.xx', undefined],
  [`{"EventBusArn": [{"wildcard": "${WILDCARD}"}]}`, 'Consecutive wildcard characters at pos 26', 72],
  ['{"a": [{"wildcard": "é\\\\x"}]}', 'Invalid escape character at pos 3', 27],
  [
    '{"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}',
    'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    undefined,
  ],
  ['{"$or": {"a": [1]}}', 'It must be an Array followed with $or.', 10],
  ['{"$or": [1, 2]}', 'Only JSON object is allowed in array of $or relationship.', 11],
  ['{"$or": [{"a": [1]}]}', 'There must have at least 2 Objects in $or relationship.', 21],
  ['{"$or": [{"prefix": [1]}, {"a": [1]}]}', 'prefix is Ruler reserved fieldName which cannot be used inside $or.', 22],
];

test.each(INVALID)('%s is invalid', async (pattern, reason, column, times = 1) => {
  const at = `\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
  const request = events.send(
    new TestEventPatternCommand({ EventPattern: pattern, Event: JSON.stringify({ ...EVENT, detail: {} }) }),
  );
  expect(await refusalOf(request)).toMatchObject({
    name: 'InvalidEventPatternException',
    message: `Event pattern is not valid. Reason: ${reason}${column === undefined ? '' : at.repeat(times)}`,
  });
});

test('a long pattern is shown by its beginning, with line and column', async () => {
  const pattern = `{\n"a": ["${'x'.repeat(600)}"], "b": 1}`;
  const { message } = await refusalOf(isMatch(pattern, {}));
  expect(message).toContain(`"${pattern.slice(0, 500)}"[truncated ${pattern.length - 500} chars]; line: 2, column: `);
});

test.each([
  ['a text', 'hello'],
  ['a list', '[]'],
  ['an event without an id', JSON.stringify({ ...EVENT, id: undefined, detail: {} })],
  ['an event without resources', JSON.stringify({ ...EVENT, resources: undefined, detail: {} })],
])('%s is not a valid event', async (_what, Event) => {
  const request = events.send(new TestEventPatternCommand({ EventPattern: '{"source":["a"]}', Event }));
  expect(await refusalOf(request)).toMatchObject({
    name: 'ValidationException',
    message: 'Parameter Event is not valid.',
  });
});

test.each([
  ['4,096 characters', 4_096, undefined],
  ['4,097 characters', 4_097, 'Member must have length less than or equal to 4096'],
])('a pattern of %s', async (_what, length, problem) => {
  const pattern = `{"source":["${'x'.repeat(length - 15)}"]}`;
  expect(pattern).toHaveLength(length);
  if (problem === undefined) expect(await isMatch(pattern, {})).toBe(false);
  else expect((await refusalOf(isMatch(pattern, {}))).message).toContain(problem);
});

test('$or has at most 1,000 combinations', async () => {
  const ten = Array.from({ length: 10 }, (_, index) => ({ [`k${index}`]: [1] }));
  const group = (name: string) => ({ [name]: { $or: ten } });
  const thousand = { ...group('a'), ...group('b'), ...group('c') };
  expect(await isMatch({ detail: thousand }, { a: { k1: 1 }, b: { k2: 1 }, c: { k3: 1 } })).toBe(true);
  const request = isMatch({ detail: { ...thousand, d: { $or: ten.slice(0, 2) } } }, {});
  expect((await refusalOf(request)).name).toBe('InvalidEventPatternException');
});
