import Big from 'big.js';
import { validation } from '../errors';

const MOST_DIGITS = 38;
const LARGEST_EXPONENT = 125;
const SMALLEST_EXPONENT = -130;
const SMALL_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Returns a number as DynamoDB stores and returns it: in decimal, without exponent and needless zeros.
 * @throws AwsError ValidationException if it is no number, or out of range
 */
export function canonicalNumber(text: string): string {
  if (SMALL_INTEGER.test(text)) return text;
  if (text === '') throw validation('The parameter cannot be converted to a numeric value');
  if (!NUMBER.test(text)) throw validation(`The parameter cannot be converted to a numeric value: ${text}`);
  const number = new Big(text.startsWith('+') ? text.slice(1) : text);
  checkMagnitude(number);
  if (number.c.length > MOST_DIGITS) {
    throw validation('Attempting to store more than 38 significant digits in a Number');
  }
  return canonical(number);
}

/** The sum of two numbers, or their difference. Both are in canonical form. */
export function sum(a: string, b: string, sign: 1 | -1 = 1): string {
  const result = sign === 1 ? new Big(a).plus(b) : new Big(a).minus(b);
  checkMagnitude(result);
  // DynamoDB calls a sum of too many digits an overflow, too.
  if (result.c.length > MOST_DIGITS) throw overflow();
  return canonical(result);
}

/**
 * Returns a text for a number in canonical form. The texts sort as the numbers do, character by character.
 *
 * It is the sign, the exponent in three digits and the significant digits: `250015` is 1.5. Those of a negative
 * number are complemented, and end in a character above all digits, as the longer number is the lesser one.
 */
export function sortableNumber(canonicalText: string): string {
  const { negative, digits, exponent } = significant(canonicalText);
  if (digits === '') return '1';
  const shifted = exponent + EXPONENT_SHIFT;
  if (!negative) return `2${String(shifted)}${digits}`;
  let complement = '';
  for (const digit of digits) complement += String(9 - Number(digit));
  return `0${String(999 - shifted)}${complement}~`;
}

// Keeps exponents, and what they are subtracted from, at three digits.
const EXPONENT_SHIFT = 500;

/** Compares two numbers in canonical form. */
export function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  const difference = Number(a) - Number(b);
  if (difference !== 0) return difference;
  // They differ beyond a double's precision.
  return sortableNumber(a) < sortableNumber(b) ? -1 : 1;
}

/** How many bytes DynamoDB counts for a number in canonical form: one for two digits, and the exponent's. */
export function numberSize(canonicalText: string): number {
  const { negative, digits, exponent } = significant(canonicalText);
  const { length } = digits;
  if (length === 0) return 1;
  return 1 + Math.ceil(length / 2) + (length % 2 !== 0 || exponent % 2 !== 0 ? 0 : 1) + (negative ? 1 : 0);
}

interface Significant {
  readonly negative: boolean;
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** Of the first digit: 0 for 1.5, 1 for 15. */
  readonly exponent: number;
}

function significant(text: string): Significant {
  const negative = text.startsWith('-');
  const start = negative ? 1 : 0;
  const dot = text.indexOf('.');
  const whole = text.slice(start, dot < 0 ? undefined : dot);
  const all = dot < 0 ? whole : whole + text.slice(dot + 1);
  let from = 0;
  while (from < all.length && all[from] === '0') from++;
  let to = all.length;
  while (to > from && all[to - 1] === '0') to--;
  return { negative, digits: all.slice(from, to), exponent: whole.length - 1 - from };
}

function checkMagnitude({ e: exponent, c: digits }: Big): void {
  if (digits[0] === 0) return;
  if (exponent > LARGEST_EXPONENT) throw overflow();
  if (exponent < SMALLEST_EXPONENT) {
    throw validation('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
}

function canonical(number: Big): string {
  return number.c[0] === 0 ? '0' : number.toFixed();
}

function overflow() {
  return validation('Number overflow. Attempting to store a number with magnitude larger than supported range');
}
