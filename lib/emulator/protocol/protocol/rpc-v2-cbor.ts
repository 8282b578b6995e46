import { cbor, CborShapeDeserializer2 } from '@smithy/core/cbor';
import type { AwsError } from '../../core';
import { MalformedInput } from '../malformed-input';
import type { Operation } from '../operation';
import type { Service } from '../service';
import type { HttpRequest, HttpResponse } from '../http-request';
import { queryErrorHeader, serializationException, shapeId, unknownOperation } from './error-shapes';
import type { Exchange, Opened, Protocol } from './protocol';

const PATH = /^\/service\/([^/]+)\/operation\/([^/]+)$/;

/** Smithy RPC v2 with CBOR bodies: the path names the service and action. */
export class RpcV2CborProtocol implements Protocol {
  public readonly name = 'rpcV2Cbor';
  private readonly decoder = new CborShapeDeserializer2();

  public static accepts(request: HttpRequest): boolean {
    return request.headers['smithy-protocol'] === 'rpc-v2-cbor';
  }

  /** The service that the path names. */
  public static targetOf(request: HttpRequest): string | undefined {
    return PATH.exec(request.path)?.[1];
  }

  public open(request: HttpRequest, service: Service): Opened | undefined {
    const match = PATH.exec(request.path);
    if (match === null) return undefined;
    const [, target, action] = match;
    return {
      action: target === service.binding.targetPrefix ? action : `${target}.${action}`,
      read: (operation) => operation.readCbor(this.decode(operation, request.body)) as Record<string, unknown>,
    };
  }

  public succeed(_service: Service, operation: Operation, output: unknown, { requestId }: Exchange): HttpResponse {
    const headers: Record<string, string> = { 'smithy-protocol': 'rpc-v2-cbor', 'x-amzn-RequestId': requestId };
    if (operation.returnsNothing) return { status: 200, headers, body: '' };
    headers['Content-Type'] = 'application/cbor';
    return { status: 200, headers, body: operation.writeCbor(output) };
  }

  public fail(service: Service | undefined, error: AwsError, { requestId }: Exchange): HttpResponse {
    return {
      status: error.status,
      headers: {
        'smithy-protocol': 'rpc-v2-cbor',
        'x-amzn-RequestId': requestId,
        'Content-Type': 'application/cbor',
        ...queryErrorHeader(service, error),
      },
      body: cbor.serialize({ __type: shapeId(service, error), message: error.message, ...error.members }),
    };
  }

  public malformed(problem: MalformedInput): AwsError {
    return serializationException(problem);
  }

  public unknownAction(_service: Service | undefined, action: string): AwsError {
    return unknownOperation(action, 404);
  }

  private decode(operation: Operation, body: Uint8Array): unknown {
    if (body.length === 0) return {};
    try {
      return this.decoder.read(operation.input, body);
    } catch {
      throw new MalformedInput('the body is not valid CBOR');
    }
  }
}
