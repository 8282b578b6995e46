import { isDeepStrictEqual } from 'node:util';
import type { PublishVersionRequest } from '@aws-sdk/client-lambda';
import type { Clock, Random } from '../../../clock';
import { checkRevision, constraintViolation, invalidParameter, resourceConflict } from '../errors';
import type { FunctionVersion, RegisteredFunction } from './function-registry';
import { type FunctionSpec, LATEST } from '../runner';

const LONGEST_DESCRIPTION = 256;

/**
 * Publishes a function's current code and configuration as its next version. If nothing has changed since the last
 * version, returns that one.
 */
export function publish(
  fn: RegisteredFunction,
  input: Omit<PublishVersionRequest, 'FunctionName'>,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): FunctionVersion {
  const { latest } = fn;
  const { CodeSha256: sha256, Description: description, RevisionId: revisionId, PublishTo: publishTo } = input;
  if (publishTo !== undefined) throw invalidParameter('PublishTo is not emulated: leave it out.');
  checkDescription(description);
  checkRevision(revisionId, latest.revisionId);
  if (sha256 !== undefined && sha256 !== latest.spec.codeSha256) {
    throw invalidParameter(
      `CodeSHA256 (${sha256}) is different from current CodeSHA256 in ${LATEST} (${latest.spec.codeSha256}). ` +
        `Please try again with the CodeSHA256 in ${LATEST}.`,
    );
  }
  const last = [...fn.versions.values()].at(-1);
  if (last !== undefined && isDeepStrictEqual(published(last.spec), published(latest.spec))) return last;
  const version = String(fn.nextVersion++);
  const spec = { ...latest.spec, version, description: description ?? latest.spec.description };
  const next = { spec, lastModified: clock.now(), revisionId: random.uuid() };
  fn.versions.set(version, next);
  return next;
}

/** Deletes a version; succeeds if it does not exist. */
export function unpublish(fn: RegisteredFunction, version: string): void {
  if (version === LATEST) {
    throw invalidParameter(`${LATEST} version cannot be deleted without deleting the function.`);
  }
  if (!/^\d+$/.test(version)) throw invalidParameter('Deletion of aliases is not currently supported.');
  const alias = [...fn.aliases.values()].find(
    ({ version: first, additional }) => first === version || additional?.version === version,
  );
  if (alias !== undefined) {
    throw resourceConflict(`Version ${version} of ${fn.name} cannot be deleted: the alias ${alias.name} points to it.`);
  }
  fn.versions.delete(version);
}

export function checkDescription(description: string | undefined): void {
  if (description === undefined || description.length <= LONGEST_DESCRIPTION) return;
  const constraint = `Member must have length less than or equal to ${LONGEST_DESCRIPTION}`;
  throw constraintViolation('description', description, constraint);
}

/** The parts of a version whose change makes a new version. */
function published(spec: FunctionSpec): unknown {
  const code = spec.codeSha256 ?? spec.codeDirectory;
  return { ...spec, code, codeDirectory: undefined, version: undefined, description: undefined };
}
