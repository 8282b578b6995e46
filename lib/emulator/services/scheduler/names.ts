import type { ModelConstraints } from '../../core';

const NAME = '[0-9a-zA-Z-_.]+';

/** Checks the name of a schedule or group, or the beginning of one. */
export function checkName(constraints: ModelConstraints, where: string, name: string | undefined): void {
  constraints.length(where, name, 1, 64).pattern(where, name, NAME);
}
