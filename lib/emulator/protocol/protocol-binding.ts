import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';
import type { AwsError } from '../core';
import type { MemberPath } from './schema/required-members';
import type { HttpRequest } from './http-request';

/** The protocols of AWS services. */
export type ProtocolName = 'awsJson' | 'awsQuery' | 'restJson' | 'restXml' | 'rpcV2Cbor';

/** A service's input as received, before the service sees it. */
export interface IncomingInput {
  readonly action: string;
  readonly protocol: ProtocolName;
  readonly request: HttpRequest;
  readonly input: Record<string, unknown>;
}

/** The account and Region in a request's own addresses, if any. */
export interface Place {
  readonly account?: string;
  readonly region?: string;
}

/** How to reach a service over HTTP: its model, its protocols and its exceptions. */
export interface ProtocolBinding {
  /** The service's name in a SigV4 credential: `sqs`, `monitoring`. */
  readonly signingName: string;
  /**
   * The service's names in AWS host names, as in `<name>.<region>.amazonaws.com`. Code in the emulator that connects to
   * them reaches the emulator.
   * @default - its signing name
   */
  readonly hostNames?: readonly string[];
  /** The prefix of `X-Amz-Target`, up to the dot; also the service's name in RPC v2 paths. */
  readonly targetPrefix: string;
  /** The API version in Query requests: `2012-11-05`. */
  readonly apiVersion: string;
  readonly protocols: readonly ProtocolName[];
  /** The namespace of the service's XML. Required if the service uses awsQuery. */
  readonly xmlNamespace?: string;
  /** Whether errors on other protocols also carry their Query code, for clients that used to use Query. */
  readonly queryCompatible?: boolean;
  /** The operations, as the service's SDK client exports them. */
  readonly operations: readonly StaticOperationSchema[];
  /**
   * Other prefixes of `X-Amz-Target` that the service answers, with the operations of each: DynamoDB signs the requests
   * of DynamoDB Streams, too.
   */
  readonly otherTargets?: Readonly<Record<string, readonly StaticOperationSchema[]>>;
  /**
   * The namespace of an error's shape in AWS JSON.
   * @default - the namespace of the service's model
   */
  readonly errorNamespace?: (shape: string) => string;
  /**
   * The errors of the service's model, as its SDK client exports them. In XML they have the model's members; unmodelled
   * errors have an empty `Detail`. Required if the service uses awsQuery.
   */
  readonly errors?: readonly StaticErrorSchema[];

  /**
   * Output members that are floating-point numbers, or lists or maps of them, as `Structure.member`: the SDK's schemas
   * do not distinguish them from integers.
   */
  readonly doubles?: readonly string[];

  /** Returns AWS's error for an input without required members; undefined leaves the check to the service. */
  missingMembers(action: string, paths: readonly MemberPath[]): AwsError | undefined;

  /** Returns the file that the service serves at a path, to anyone who asks for it with GET. */
  fileAt?(path: string): { readonly type: string; readonly body: string } | undefined;

  /**
   * Whether the service takes bodies of any length, which are then in files.
   * @default false
   */
  readonly takesFiles?: boolean;

  /**
   * The first part of the path, where the caller has put it in the host name: a bucket.
   * @default - host names say nothing
   */
  hostLabel?(hostname: string): string | undefined;

  /**
   * Query parameters that name parts of a resource that the service does not have: a request with one is refused rather
   * than taken for another operation. Required if the service uses restXml.
   */
  readonly otherSubresources?: ReadonlySet<string>;

  /** Whether a path without an operation still belongs to the service, as a queue URL does. */
  ownsPath?(path: string): boolean;

  /** Corrects or rejects an input where the service differs from its model. */
  refine?(incoming: IncomingInput): void;

  /** Additional names of input members in Query requests, by member. */
  readonly queryAliases?: Readonly<Record<string, string>>;

  /**
   * Returns the account and Region in an input's own addresses. This Region overrides that of the credential; the
   * account only applies to unsigned requests, because a signed request identifies its caller.
   */
  placeOf?(incoming: IncomingInput): Place;

  /** Returns the error for an unknown API version on the Query protocol, if it is not the usual one. */
  unknownVersion?(version: string): AwsError;

  /** Returns the message for an unknown action on the Query protocol, if it is not the usual one. */
  unknownActionMessage?(action: string): string;
}
