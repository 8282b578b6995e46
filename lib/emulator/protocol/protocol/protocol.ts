import type { AwsError } from '../../core';
import type { MalformedInput } from '../malformed-input';
import type { Operation } from '../operation';
import type { Service } from '../service';
import type { ProtocolName } from '../protocol-binding';
import type { HttpRequest, HttpResponse } from '../http-request';

/** A request whose action is known. */
export interface Opened {
  /** The action's name; for an unknown action, what the request named. */
  readonly action: string;
  /** Reads the action's input. Throws {@link MalformedInput}. */
  read(operation: Operation): Record<string, unknown>;
}

/** The parts of a request that its response depends on. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly requestId: string;
}

/** An AWS protocol: how requests name an action and carry its input, and how outputs and errors are written. */
export interface Protocol {
  readonly name: ProtocolName;
  /** Returns what the request asks of `service`; undefined if it names no action. */
  open(request: HttpRequest, service: Service): Opened | undefined;
  succeed(service: Service, operation: Operation, output: unknown, exchange: Exchange): HttpResponse;
  /** Writes an error. `service` is undefined if the request names no known service. */
  fail(service: Service | undefined, error: AwsError, exchange: Exchange): HttpResponse;
  /** Returns the error for an input that does not match the schema. */
  malformed(problem: MalformedInput): AwsError;
  /** Returns AWS's error for an action that the service does not have. */
  unknownAction(service: Service | undefined, action: string): AwsError;
}
