import { ModelConstraints } from '../../core';
import { limitExceeded } from './errors';
import { LIMITS } from './limits';

const NAME = '[a-zA-Z0-9_.-]+';
const SHAPE = 'ValidationException';

/** Begins the check of a request's members; `.check()` on the result reports all violations at once. */
export class Members extends ModelConstraints {
  public name(where: string, value: string | undefined): this {
    return this.length(where, value, 1, 128).pattern(where, value === '' ? undefined : value, NAME);
  }

  /** @throws AwsError ValidationException */
  public throwAny(): void {
    this.check(SHAPE);
  }
}

export function checkStreamName(name: string | undefined): void {
  new Members().name('streamName', name).throwAny();
}

/** Adds tags. @throws AwsError if there are too many, or one is not valid */
export function putTags(tags: Map<string, string>, added: Readonly<Record<string, string>>): void {
  const members = new Members();
  for (const [key, value] of Object.entries(added)) members.length('tags', key, 1, 128).length('tags', value, 0, 256);
  members.throwAny();
  const count = new Set([...tags.keys(), ...Object.keys(added)].filter((key) => !key.startsWith('aws:'))).size;
  if (count > LIMITS.tags) throw limitExceeded(`The number of tags, ${count}, exceeds the limit of ${LIMITS.tags}.`);
  for (const [key, value] of Object.entries(added)) tags.set(key, value);
}
