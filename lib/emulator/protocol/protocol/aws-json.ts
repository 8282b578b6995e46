import type { AwsError } from '../../core';
import type { MalformedInput } from '../malformed-input';
import type { Operation } from '../operation';
import type { Service } from '../service';
import type { HttpRequest, HttpResponse } from '../http-request';
import { queryErrorHeader, serializationException, shapeId, unknownOperation } from './error-shapes';
import { parseJson } from './json-text';
import type { Exchange, Opened, Protocol } from './protocol';

/**
 * AWS JSON 1.0 and 1.1: the action is in `X-Amz-Target`, the input in a JSON body. Responds in the request's version.
 */
export class AwsJsonProtocol implements Protocol {
  public readonly name = 'awsJson';

  /** Whether the request has both mandatory headers. */
  public static accepts(request: HttpRequest): boolean {
    return (
      request.headers['x-amz-target'] !== undefined &&
      request.headers['content-type']?.startsWith('application/x-amz-json-1.') === true
    );
  }

  public open(request: HttpRequest, service: Service): Opened | undefined {
    const target = request.headers['x-amz-target'] ?? '';
    const action = service.actionOf(target);
    // A bare action name is not a target.
    if (action === undefined) throw unknownOperation(target);
    return {
      action,
      read: (operation) => operation.readJson(parseJson(request.body)) as Record<string, unknown>,
    };
  }

  public succeed(_service: Service, operation: Operation, output: unknown, exchange: Exchange): HttpResponse {
    const body = operation.returnsNothing ? '' : operation.writeJson(output);
    return { status: 200, headers: this.headers(exchange), body };
  }

  public fail(service: Service | undefined, error: AwsError, exchange: Exchange): HttpResponse {
    return {
      status: error.status,
      headers: { ...this.headers(exchange), ...queryErrorHeader(service, error) },
      body: JSON.stringify({ __type: shapeId(service, error), message: error.message, ...error.members }),
    };
  }

  public malformed(problem: MalformedInput): AwsError {
    return serializationException(problem);
  }

  public unknownAction(_service: Service | undefined, action: string): AwsError {
    return unknownOperation(action);
  }

  private headers({ request, requestId }: Exchange): Record<string, string> {
    const newer = request.headers['content-type']?.startsWith('application/x-amz-json-1.1') === true;
    return {
      'x-amzn-RequestId': requestId,
      'Content-Type': newer ? 'application/x-amz-json-1.1' : 'application/x-amz-json-1.0',
    };
  }
}
