import type { AwsError } from '../../core';
import type { MalformedInput } from '../malformed-input';
import type { Operation } from '../operation';
import type { Service } from '../service';
import type { ProtocolName } from '../protocol-binding';
import type { HttpRequest, HttpResponse } from '../http-request';

/** A request of which it is known what it asks for. */
export interface Opened {
  /** The action's name; where it is unknown, what the request said instead. */
  readonly action: string;
  /** Reads the action's input; throws {@link MalformedInput}. */
  read(operation: Operation): Record<string, unknown>;
}

/** What an answer needs of its request. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly requestId: string;
}

/** One of AWS's protocols: how requests name an action and carry its input, how outputs and errors are written. */
export interface Protocol {
  readonly name: ProtocolName;
  /** What the request asks of `service`; undefined where it names no action at all. */
  open(request: HttpRequest, service: Service): Opened | undefined;
  succeed(service: Service, operation: Operation, output: unknown, exchange: Exchange): HttpResponse;
  /** `service` is undefined where the request names none that we know. */
  fail(service: Service | undefined, error: AwsError, exchange: Exchange): HttpResponse;
  /** The error for an input that does not fit the schema. */
  malformed(problem: MalformedInput): AwsError;
  /** AWS's error for an action that the service does not have. */
  unknownAction(service: Service | undefined, action: string): AwsError;
}
