import { jsonString } from '../../../lib/emulator/protocol/schema/json-string';

const filler = 'plain text, ';
const odd = ['', '"', '\\', '\n', '\x00', '\x1f', ' ', '~', '\x7f', 'é', '\u2028', '漢', '😀', '\ud800', '\udc00'];
const lengths = [0, 1, 2, 3, 62, 63, 64, 65, 66, 67, 1_023, 1_024, 4_095, 4_096, 4_097, 70_000];

test.each(lengths)('a string of %i characters and an odd one is written as JSON.stringify writes it', (length) => {
  const text = filler.repeat(length / filler.length + 1).slice(0, length);
  for (const piece of odd) {
    for (const whole of [piece + text, text + piece, text.slice(0, length / 2) + piece + text.slice(length / 2)]) {
      expect(jsonString(whole)).toBe(JSON.stringify(whole));
    }
  }
});

test('what a long string left behind is not taken for a part of a shorter one', () => {
  jsonString(`${'x'.repeat(99)}\n`);
  expect(jsonString('x'.repeat(98))).toBe(JSON.stringify('x'.repeat(98)));
});
