import { metadataTooLarge } from '../errors';
import type { ObjectHeaders } from './object-version';

const MOST_METADATA = 2_048;

/** The headers of an input that S3 keeps with the object. */
export interface HeaderInput {
  readonly ContentType?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ContentDisposition?: string;
  readonly CacheControl?: string;
  readonly Expires?: Date;
  readonly WebsiteRedirectLocation?: string;
  readonly StorageClass?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

export function objectHeaders(input: HeaderInput): ObjectHeaders {
  const { Metadata: metadata = {} } = input;
  const size = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (size > MOST_METADATA) throw metadataTooLarge(size);
  return {
    contentType: input.ContentType ?? 'binary/octet-stream',
    contentEncoding: withoutChunks(input.ContentEncoding),
    contentLanguage: input.ContentLanguage,
    contentDisposition: input.ContentDisposition,
    cacheControl: input.CacheControl,
    expires: input.Expires,
    websiteRedirectLocation: input.WebsiteRedirectLocation,
    storageClass: input.StorageClass,
    metadata,
  };
}

/** How the upload was sent is not how the object is encoded. */
function withoutChunks(encoding: string | undefined): string | undefined {
  const kept = encoding
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one !== 'aws-chunked');
  return kept === undefined || kept.length === 0 ? undefined : kept.join(',');
}

/** The members of an output that show the headers of an object. */
export function headersOfObject(headers: ObjectHeaders): Record<string, unknown> {
  const { metadata, storageClass } = headers;
  const members = {
    ContentType: headers.contentType,
    ContentEncoding: headers.contentEncoding,
    ContentLanguage: headers.contentLanguage,
    ContentDisposition: headers.contentDisposition,
    CacheControl: headers.cacheControl,
    Expires: headers.expires,
    WebsiteRedirectLocation: headers.websiteRedirectLocation,
    // S3 leaves out the standard one.
    StorageClass: storageClass === 'STANDARD' ? undefined : storageClass,
    Metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
