import { Random } from '../../../../lib/emulator';
import { BTree } from '../../../../lib/emulator/services/dynamodb/table/b-tree';
import { compareNumbers, sortableNumber } from '../../../../lib/emulator/services/dynamodb/values/number';

const SIZES = process.env.LONG === undefined ? [1_000, 64_000] : [1_000, 1_000_000];

describe('the tree of a table', () => {
  test('has what a sorted list has, in both directions, while it grows and shrinks', () => {
    const random = new Random(5);
    const tree = new BTree<number>((a, b) => a - b);
    const set = new Set<number>();
    for (let n = 0; n < 30_000; n++) {
      const grows = Math.floor(n / 5_000) % 2 === 0;
      const entry = random.integer(0, 5_000);
      if (random.integer(0, 9) < (grows ? 8 : 3)) {
        if (!set.has(entry)) tree.add(entry);
        set.add(entry);
      } else {
        expect(tree.remove(entry)).toBe(set.delete(entry));
      }
      if (n % 1_000 !== 0) continue;
      const sorted = [...set].sort((a, b) => a - b);
      const from = random.integer(0, 5_000);
      expect([...tree.ascending((other) => other < from)]).toEqual(sorted.filter((other) => other >= from));
      expect([...tree.descending((other) => other < from)]).toEqual(sorted.filter((other) => other < from).reverse());
      expect([tree.size, tree.get(entry)]).toEqual([set.size, set.has(entry) ? entry : undefined]);
    }
    for (const entry of set) tree.remove(entry);
    expect([tree.size, ...tree.ascending(() => false)]).toEqual([0]);
  });

  test('takes entries that come in order, and gives them up in order', () => {
    const tree = new BTree<number>((a, b) => a - b);
    for (let n = 0; n < 10_000; n++) tree.add(n);
    for (let n = 0; n < 9_990; n++) tree.remove(n);
    expect([...tree.ascending(() => false)]).toEqual([9990, 9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999]);
    tree.add(5);
    expect([...tree.descending(() => true)].at(-1)).toBe(5);
  });
});

test('the texts of numbers sort as the numbers', () => {
  const random = new Random(9);
  const digits = () => String(random.integer(1, 99_999_999));
  const numbers = Array.from({ length: 2_000 }, () => {
    const places = random.integer(-40, 40);
    const whole = digits();
    const text = places < 0 ? `0.${'0'.repeat(-places)}${whole.replace(/0+$/, '')}` : whole + '0'.repeat(places);
    return random.integer(0, 1) === 0 ? text : `-${text}`;
  });
  numbers.push('0', '1', '-1', '10', '-10', '12345678901234567890.5', '12345678901234567890.6');
  const byText = [...numbers].sort((a, b) => (sortableNumber(a) < sortableNumber(b) ? -1 : 1));
  const byValue = [...numbers].sort(compareNumbers);
  expect(byText.map(sortableNumber)).toEqual(byValue.map(sortableNumber));
});

test('finding, adding, removing and reading on take steps by the logarithm of the size', () => {
  const steps = SIZES.map((size) => {
    let comparisons = 0;
    const tree = new BTree<number>((a, b) => {
      comparisons++;
      return a - b;
    });
    for (let n = 0; n < size; n++) tree.add((n * 7_919) % 1_000_003);
    comparisons = 0;
    const operations = 1_000;
    for (let n = 0; n < operations; n++) {
      tree.get((n * 104_729) % 1_000_003);
      tree.add(n + 0.5);
      tree.remove(n + 0.5);
      const before = (entry: number) => ++comparisons > 0 && entry < n * 900;
      tree.ascending(before).next();
      tree.descending(before).next();
    }
    return comparisons / operations / Math.log2(size);
  });
  for (const step of steps) expect(step).toBeLessThan(8);
  expect(steps[1] / steps[0]).toBeLessThan(1.3);
});
