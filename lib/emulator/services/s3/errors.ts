import { AwsError } from '../../core';

const error = (
  code: string,
  message: string,
  status = 400,
  members: Readonly<Record<string, unknown>> = {},
): AwsError => new AwsError(code, message, { status, members });

export const noSuchBucket = (BucketName: string) =>
  error('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName });
export const noSuchKey = (Key: string) => error('NoSuchKey', 'The specified key does not exist.', 404, { Key });
export const noSuchVersion = (Key: string, VersionId: string) =>
  error('NoSuchVersion', 'The specified version does not exist.', 404, { Key, VersionId });
export const notFound = (headers: Readonly<Record<string, string>> = {}) =>
  error('NotFound', 'Not Found', 404, { headers });
export const bucketNotEmpty = (BucketName: string, versioned: boolean) =>
  error(
    'BucketNotEmpty',
    `The bucket you tried to delete is not empty${versioned ? '. You must delete all versions in the bucket.' : ''}`,
    409,
    { BucketName },
  );
export const bucketOwnedByYou = (BucketName: string) =>
  error(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    409,
    { BucketName },
  );
export const bucketExists = (BucketName: string) =>
  error(
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    409,
    { BucketName },
  );
export const invalidBucketName = (BucketName: string) =>
  error('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName });
export const illegalLocation = (location: string) =>
  error(
    'IllegalLocationConstraintException',
    `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
export const invalidLocation = (LocationConstraint: string) =>
  error('InvalidLocationConstraint', 'The specified location-constraint is not valid', 400, { LocationConstraint });
export const permanentRedirect = (Bucket: string, region: string) =>
  error(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    301,
    { Endpoint: `s3.${region}.amazonaws.com`, Bucket, headers: { 'x-amz-bucket-region': region } },
  );
export const accessDenied = (message = 'Access Denied') => error('AccessDenied', message, 403);
export const invalidArgument = (message: string, ArgumentName?: string, ArgumentValue?: string) =>
  error('InvalidArgument', message, 400, {
    ...(ArgumentName !== undefined && { ArgumentName }),
    ...(ArgumentValue !== undefined && { ArgumentValue }),
  });
export const invalidRequest = (message: string) => error('InvalidRequest', message);
export const malformedXml = () =>
  error('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
export const keyTooLong = (Size: number) =>
  error('KeyTooLongError', 'Your key is too long', 400, { Size, MaxSizeAllowed: 1_024 });
export const entityTooLarge = (ProposedSize: number, MaxSizeAllowed: number) =>
  error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
    ProposedSize,
    MaxSizeAllowed,
  });
export const metadataTooLarge = (Size: number) =>
  error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400, {
    Size,
    MaxSizeAllowed: 2_048,
  });
export const incompleteBody = () => error('IncompleteBody', 'The request body terminated unexpectedly');
export const methodNotAllowed = (headers: Readonly<Record<string, string>>, Method: string) =>
  error('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
    Method,
    ResourceType: 'DeleteMarker',
    headers,
  });
export const preconditionFailed = (Condition: string) =>
  error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, { Condition });
export const notModified = (headers: Readonly<Record<string, string>>) =>
  error('NotModified', 'Not Modified', 304, { headers });
export const conditionNotImplemented = (Header: string) =>
  error('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, {
    Header,
    additionalMessage: `We don't accept the provided value of ${Header} header for this API`,
  });
export const invalidRange = (ActualObjectSize: number, RangeRequested: string) =>
  error('InvalidRange', 'The requested range is not satisfiable', 416, { ActualObjectSize, RangeRequested });
export const invalidPartNumber = (ActualPartCount: number, PartNumberRequested: number) =>
  error('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
    ActualPartCount,
    PartNumberRequested,
  });
export const badDigest = (message: string, members: Readonly<Record<string, unknown>> = {}) =>
  error('BadDigest', message, 400, members);
export const invalidDigest = (value: string) =>
  error('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, { 'Content-MD5': value });
export const contentSha256Mismatch = (client: string, computed: string) =>
  error(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    400,
    {
      ClientComputedContentSHA256: client,
      S3ComputedContentSHA256: computed,
    },
  );
export const invalidTag = (message: string) => error('InvalidTag', message);
export const noSuchUpload = (UploadId: string) =>
  error(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId },
  );
export const invalidPart = (PartNumber: number, ETag: string, UploadId: string) =>
  error(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { ETag, PartNumber, UploadId },
  );
export const invalidPartOrder = (UploadId: string) =>
  error(
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    400,
    { UploadId },
  );
export const entityTooSmall = (PartNumber: number, ETag: string, ProposedSize: number) =>
  error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
    ETag,
    MinSizeAllowed: 5_242_880,
    PartNumber,
    ProposedSize,
  });
export const noSuchConfiguration = (code: string, message: string, BucketName: string) =>
  error(code, message, 404, { BucketName });
export const malformedPolicy = (message: string) => error('MalformedPolicy', message);
