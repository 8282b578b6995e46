import { invalidBucketName } from '../errors';

const NAME = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/;
const RESERVED = /^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** @throws AwsError InvalidBucketName by the rules for general purpose buckets */
export function checkName(name: string): void {
  const isValid =
    NAME.test(name) &&
    !name.includes('..') &&
    !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) &&
    !RESERVED.test(name.replace(/^amzn-s3-demo-/, ''));
  if (!isValid) throw invalidBucketName(name);
}
