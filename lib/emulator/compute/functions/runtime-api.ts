import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BrowserGuard } from '../../core/policy';
import type { FunctionError } from '../../services/lambda';
import type { HandlerInvocation, HandlerResult } from './handler-call';

const ROOT = '/2018-06-01/runtime';

/** Events of a {@link RuntimeApi}. */
export interface RuntimeApiEvents {
  /** The runtime asks for an invocation: it is initialized, and done with the previous one. */
  idle(): void;
  initFailed(error: FunctionError): void;
  /** The runtime responded to its invocation. */
  answered(result: HandlerResult): void;
  /** The peak memory use that the runtime reports, in bytes. */
  memoryUsed(bytes: number): void;
}

/**
 * Lambda's Runtime API for one execution environment: the HTTP interface through which a runtime of any language gets
 * invocations and responds to them.
 */
export class RuntimeApi {
  private readonly server: Server;
  private readonly guard = new BrowserGuard();
  private waiting?: ServerResponse;
  private current?: HandlerInvocation;
  private queued?: HandlerInvocation;

  constructor(private readonly events: RuntimeApiEvents) {
    this.server = createServer((request, response) => {
      this.handle(request, response).catch(() => response.destroy());
    });
    // A runtime may wait for its next invocation indefinitely.
    this.server.requestTimeout = 0;
    this.server.keepAliveTimeout = 0;
  }

  /** Listens on 127.0.0.1. Returns host and port, as in `AWS_LAMBDA_RUNTIME_API`; undefined if it is already closed. */
  public async listen(): Promise<string | undefined> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.once('close', resolve);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.server.address() as AddressInfo | null;
    return address === null ? undefined : `127.0.0.1:${address.port}`;
  }

  /** Passes an invocation to the runtime, once it asks for one. */
  public invoke(invocation: HandlerInvocation): void {
    this.queued = invocation;
    this.handOver();
  }

  public close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private handOver(): void {
    const { queued, waiting } = this;
    if (queued === undefined || waiting === undefined) return;
    this.queued = this.waiting = undefined;
    this.current = queued;
    const { requestId, deadline, invokedFunctionArn, clientContext } = queued;
    waiting.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(queued.event),
      'Lambda-Runtime-Aws-Request-Id': requestId,
      'Lambda-Runtime-Deadline-Ms': String(Math.ceil(deadline)),
      'Lambda-Runtime-Invoked-Function-Arn': invokedFunctionArn,
      'Lambda-Runtime-Trace-Id': traceId(requestId),
      ...(clientContext !== undefined && { 'Lambda-Runtime-Client-Context': clientContext }),
    });
    waiting.end(queued.event);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const refusal = this.guard.admit(method, headers);
    if (refusal.answer !== undefined) {
      response.writeHead(refusal.answer.status, refusal.headers).end(refusal.answer.body);
      return;
    }
    const used = Number(headers['spillway-memory-used']);
    if (used > 0) this.events.memoryUsed(used * 1024);
    if (method === 'GET' && url === `${ROOT}/invocation/next`) {
      this.waiting = response;
      response.on('close', () => {
        if (this.waiting === response) this.waiting = undefined;
      });
      this.events.idle();
      return this.handOver();
    }
    const body = await text(request);
    if (method !== 'POST') return refuse(response, 404, 'NotFound', `there is no ${method} ${url}`);
    if (url === `${ROOT}/init/error`) {
      accept(response);
      return this.events.initFailed(readError(body, headers));
    }
    const [, requestId, kind] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(url) ?? [];
    if (requestId === undefined) return refuse(response, 404, 'NotFound', `there is no POST ${url}`);
    if (requestId !== this.current?.requestId) {
      return refuse(response, 400, 'InvalidRequestID', 'Invalid request ID');
    }
    this.current = undefined;
    accept(response);
    this.events.answered(kind === 'response' ? readResponse(body) : { error: readError(body, headers) });
  }
}

function accept(response: ServerResponse): void {
  response.writeHead(202, { 'Content-Type': 'application/json' });
  response.end('{"status":"OK"}');
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ errorMessage, errorType }));
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A runtime's response is passed on unchanged; an empty one is null. */
function readResponse(body: string): HandlerResult {
  return { payload: body === '' ? 'null' : body };
}

function readError(body: string, headers: IncomingMessage['headers']): FunctionError {
  let told: { errorType?: unknown; errorMessage?: unknown; stackTrace?: unknown } = {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) told = parsed;
  } catch {
    // A body that is not JSON adds nothing to the header.
  }
  const named = headers['lambda-runtime-function-error-type'];
  const { errorType = named, errorMessage = '', stackTrace } = told;
  return {
    errorType: typeof errorType === 'string' ? errorType : 'Runtime.Unknown',
    errorMessage: typeof errorMessage === 'string' ? errorMessage : JSON.stringify(errorMessage),
    ...(Array.isArray(stackTrace) && { trace: stackTrace.map(String) }),
  };
}

/** Not sampled, as with X-Ray turned off. The same in each run of an invocation. */
function traceId(requestId: string): string {
  const hex = requestId.replaceAll(/[^0-9a-f]/g, '').padEnd(32, '0');
  return `Root=1-${hex.slice(0, 8)}-${hex.slice(8, 32)};Parent=${hex.slice(0, 16)};Sampled=0`;
}
