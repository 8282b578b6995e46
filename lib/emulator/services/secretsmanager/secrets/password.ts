import type { GetRandomPasswordRequest } from '@aws-sdk/client-secrets-manager';
import type { Random } from '../../../clock';
import { invalidParameter } from '../errors';
import { LIMITS } from '../limits';

const DEFAULT_LENGTH = 32;
const KINDS = {
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  numbers: '0123456789',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  space: ' ',
};

/**
 * A password as GetRandomPassword makes it. The same seed gives the same passwords: they are for tests, and not secret.
 */
export function randomPassword(random: Random, input: GetRandomPasswordRequest): string {
  const { PasswordLength: length = DEFAULT_LENGTH, RequireEachIncludedType: eachKind = true } = input;
  if (length < 1 || length > LIMITS.longestPassword) {
    throw invalidParameter(`The password length must be between 1 and ${LIMITS.longestPassword}, but was ${length}.`);
  }
  const excluded = new Set(input.ExcludeCharacters ?? '');
  const kinds = [
    ...(input.ExcludeLowercase === true ? [] : [KINDS.lowercase]),
    ...(input.ExcludeUppercase === true ? [] : [KINDS.uppercase]),
    ...(input.ExcludeNumbers === true ? [] : [KINDS.numbers]),
    ...(input.ExcludePunctuation === true ? [] : [KINDS.punctuation]),
    ...(input.IncludeSpace === true ? [KINDS.space] : []),
  ]
    .map((kind) => [...kind].filter((character) => !excluded.has(character)))
    .filter((kind) => kind.length > 0);
  const all = kinds.flat();
  if (all.length === 0) throw invalidParameter('The password must be of at least one character.');
  if (eachKind && kinds.length > length) {
    throw invalidParameter('The password length is too short to include each of the required types of characters.');
  }
  const pick = (from: readonly string[]) => from[random.integer(0, from.length - 1)];
  const characters = Array.from({ length }, (_, index) => pick(eachKind && index < kinds.length ? kinds[index] : all));
  // One of each kind came first: they are shuffled in.
  for (let index = length - 1; index > 0; index--) {
    const other = random.integer(0, index);
    [characters[index], characters[other]] = [characters[other], characters[index]];
  }
  return characters.join('');
}
