import type { ParameterStringFilter, ParametersFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../../../core';
import { latest, type Parameter } from './parameter';

const KEYS = ['Name', 'Type', 'KeyId', 'Path', 'Label', 'Tier', 'DataType'];

/** Whether a parameter passes all filters. Throws AWS's error for a filter that it does not have. */
export function filterBy(
  filters: readonly ParameterStringFilter[],
  allowed: readonly string[] = KEYS,
): (parameter: Parameter) => boolean {
  const tests = filters.map(({ Key = '', Option, Values = [] }) => {
    if (!Key.startsWith('tag:') && !allowed.includes(Key)) {
      throw new AwsError(
        'InvalidFilterKey',
        `The following filter key is not valid: ${Key}. Valid filter keys include: [${allowed.join(', ')}].`,
      );
    }
    return Key === 'Path' ? pathTest(Option, Values) : valueTest(Key, Option, Values);
  });
  return (parameter) => tests.every((test) => test(parameter));
}

/** The filters of the older form. */
export function fromOldForm(filters: readonly ParametersFilter[] = []): ParameterStringFilter[] {
  return filters.map(({ Key, Values }) => ({ Key, Values, Option: Key === 'Name' ? 'BeginsWith' : 'Equals' }));
}

function pathTest(option = 'OneLevel', paths: readonly string[]): (parameter: Parameter) => boolean {
  if (option !== 'OneLevel' && option !== 'Recursive') throw invalidOption(option, 'Recursive, OneLevel');
  return ({ name }) => paths.some((path) => isUnder(name, path, option === 'Recursive'));
}

/** Whether a parameter is in a hierarchy: right under its path, or at any level. */
export function isUnder(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const below = name.startsWith(prefix) ? name.slice(prefix.length) : path === '/' && !name.startsWith('/') ? name : '';
  return below !== '' && (recursive || !below.includes('/'));
}

function valueTest(key: string, option = 'Equals', values: readonly string[]): (parameter: Parameter) => boolean {
  const options = key === 'Name' ? 'BeginsWith, Contains, Equals' : 'BeginsWith, Equals';
  if (!options.split(', ').includes(option)) throw invalidOption(option, options);
  const compare = {
    BeginsWith: (text: string, value: string) => text.startsWith(value),
    Contains: (text: string, value: string) => text.includes(value),
    Equals: (text: string, value: string) => text === value,
  }[option as 'BeginsWith'];
  return (parameter) => {
    const found = textsOf(parameter, key);
    // A tag without values is asked for by its key alone.
    if (values.length === 0) return found.length > 0;
    return found.some((text) => values.some((value) => compare(text, value)));
  };
}

function textsOf(parameter: Parameter, key: string): readonly string[] {
  const { type, keyId, tier, dataType } = latest(parameter);
  const one = (text: string | undefined) => (text === undefined ? [] : [text]);
  switch (key) {
    case 'Name':
      return [parameter.name];
    case 'Type':
      return [type];
    case 'KeyId':
      return one(keyId);
    case 'Tier':
      return [tier];
    case 'DataType':
      return [dataType];
    case 'Label':
      return parameter.versions.flatMap(({ labels }) => [...labels]);
    default:
      return one(parameter.tags.get(key.slice('tag:'.length)));
  }
}

function invalidOption(option: string, allowed: string): AwsError {
  return new AwsError(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. Valid options include: [${allowed}].`,
  );
}
