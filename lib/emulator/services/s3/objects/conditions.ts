import { conditionNotImplemented, noSuchKey, notModified, preconditionFailed } from '../errors';
import type { ObjectVersion } from './object-version';

/** The conditions of a request that reads. */
export interface ReadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: Date;
  readonly IfUnmodifiedSince?: Date;
}

/** @throws AwsError if a condition does not hold: HTTP's, of which tags go before dates */
export function checkRead(
  { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince }: ReadConditions,
  { etag, lastModified }: ObjectVersion,
): void {
  // Dates in headers have no milliseconds.
  const modified = Math.floor(lastModified / 1_000) * 1_000;
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, etag)) throw preconditionFailed('If-Match');
  } else if (IfUnmodifiedSince !== undefined && modified > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const headers = { ETag: `"${etag}"`, 'Last-Modified': new Date(lastModified).toUTCString() };
  if (IfNoneMatch !== undefined) {
    if (matches(IfNoneMatch, etag)) throw notModified(headers);
  } else if (IfModifiedSince !== undefined && modified <= IfModifiedSince.getTime()) {
    throw notModified(headers);
  }
}

/** The conditions of a request that writes. */
export interface WriteConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}

/** @throws AwsError if a condition does not hold, or is one that S3 has for reading only */
export function checkWrite(
  { IfMatch, IfNoneMatch }: WriteConditions,
  key: string,
  newest: ObjectVersion | undefined,
): void {
  const there = newest?.isDeleteMarker === false ? newest : undefined;
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== '*') throw conditionNotImplemented('If-None-Match');
    if (there !== undefined) throw preconditionFailed('If-None-Match');
  }
  if (IfMatch === undefined) return;
  if (IfMatch === '*') throw conditionNotImplemented('If-Match');
  if (there === undefined) throw noSuchKey(key);
  if (!matches(IfMatch, there.etag)) throw preconditionFailed('If-Match');
}

function matches(header: string, etag: string): boolean {
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^(?:W\/)?"?|"$/g, '') === etag);
}
