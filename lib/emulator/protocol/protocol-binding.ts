import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';
import type { AwsError } from '../core';
import type { MemberPath } from './schema/required-members';
import type { HttpRequest } from './http-request';

/** The protocols by which AWS services speak. */
export type ProtocolName = 'awsJson' | 'awsQuery' | 'restJson' | 'rpcV2Cbor';

/** A service's input as it came, before the service sees it. */
export interface IncomingInput {
  readonly action: string;
  readonly protocol: ProtocolName;
  readonly request: HttpRequest;
  readonly input: Record<string, unknown>;
}

/** Where a request goes, as far as the addresses in it say. */
export interface Place {
  readonly account?: string;
  readonly region?: string;
}

/** How a service is spoken to: its model, its protocols, and its own peculiarities. */
export interface ProtocolBinding {
  /** The service's name in a SigV4 credential: `sqs`, `monitoring`. */
  readonly signingName: string;
  /**
   * The service's names in AWS's host names, as in `<name>.<region>.amazonaws.com`. Code that runs in the emulator
   * reaches the emulator when it connects to them.
   * @default - its signing name
   */
  readonly hostNames?: readonly string[];
  /** What `X-Amz-Target` begins with, up to the dot; also the service's name in the paths of RPC v2. */
  readonly targetPrefix: string;
  /** The API's version as Query requests name it: `2012-11-05`. */
  readonly apiVersion: string;
  readonly protocols: readonly ProtocolName[];
  /** The namespace of the service's XML. Required of a service that speaks awsQuery. */
  readonly xmlNamespace?: string;
  /** Whether errors on other protocols carry their Query code too, for clients that once spoke Query. */
  readonly queryCompatible?: boolean;
  /** The operations, as the service's SDK client exports them. */
  readonly operations: readonly StaticOperationSchema[];
  /**
   * The errors of the service's model, as its SDK client exports them. In XML they have the members that the model gives
   * them, where errors that it lacks have an empty `Detail`. Required of a service that speaks awsQuery.
   */
  readonly errors?: readonly StaticErrorSchema[];

  /**
   * The members of the operations' outputs that are floating-point numbers, or lists or maps of these, as
   * `Structure.member`: the SDK's schemas do not tell them from integers.
   */
  readonly doubles?: readonly string[];

  /** AWS's error for an input that lacks required members; undefined leaves the case to the service itself. */
  missingMembers(action: string, paths: readonly MemberPath[]): AwsError | undefined;

  /** Whether a path that names no operation is still the service's own, as a queue's URL is. */
  ownsPath?(path: string): boolean;

  /** Corrects or rejects an input where the service differs from its model. */
  refine?(incoming: IncomingInput): void;

  /** Names by which Query requests give an input's members beside the model's own, by member. */
  readonly queryAliases?: Readonly<Record<string, string>>;

  /**
   * Where an input's own addresses lead. Its region goes before that of the credential; its account counts only where a
   * request is not signed, since a signed one says who calls.
   */
  placeOf?(incoming: IncomingInput): Place;

  /** The error for a version of the API that the service does not have, on the Query protocol, where it is not the usual one. */
  unknownVersion?(version: string): AwsError;

  /** The message for an unknown action on the Query protocol, where it is not the usual one. */
  unknownActionMessage?(action: string): string;
}
