import { AwsError, isPromise } from '../core';
import type { HttpRequest, HttpResponse } from './http-request';
import { AwsJsonProtocol } from './protocol/aws-json';
import { AwsQueryProtocol } from './protocol/aws-query';
import type { Exchange } from './protocol/protocol';
import { RestJsonProtocol } from './protocol/rest-json';

/**
 * Answers an operation of a service that is not emulated: returns the output, or throws an error, whose name is AWS's
 * code.
 *
 * @param operation the operation's name: `SendEmail`; of a service with REST paths, the method and path:
 * `POST /v2/email/outbound-emails`
 * @param input the operation's input: the JSON of the request, or its parameters
 */
export type StubHandler = (operation: string, input: unknown) => unknown;

/** A request to a stubbed service, in the protocol that it uses. */
interface StubbedCall {
  readonly operation: string;
  readonly input: unknown;
  succeed(output: unknown): HttpResponse;
  fail(error: AwsError): HttpResponse;
}

const awsJson = new AwsJsonProtocol();
const awsQuery = new AwsQueryProtocol();
const restJson = new RestJsonProtocol();

/** Answers a request by a handler. Never throws or rejects. */
export function answerByStub(handler: StubHandler, exchange: Exchange): HttpResponse | Promise<HttpResponse> {
  const call = read(exchange);
  const fail = (error: unknown): HttpResponse => call.fail(asAwsError(error));
  try {
    const output = handler(call.operation, call.input);
    return isPromise(output) ? output.then((result) => call.succeed(result), fail) : call.succeed(output);
  } catch (error) {
    return fail(error);
  }
}

function read(exchange: Exchange): StubbedCall {
  const { request } = exchange;
  if (AwsJsonProtocol.accepts(request)) return jsonCall(exchange);
  const action = AwsQueryProtocol.parameters(request).child('Action')?.value;
  return action === undefined ? restCall(exchange) : queryCall(action, exchange);
}

function jsonCall(exchange: Exchange): StubbedCall {
  const { headers } = exchange.request;
  return {
    operation: headers['x-amz-target']?.split('.').at(-1) ?? '',
    input: json(exchange.request) ?? {},
    succeed: (output) => ({
      status: 200,
      headers: {
        'Content-Type': headers['content-type'] ?? 'application/json',
        'x-amzn-RequestId': exchange.requestId,
      },
      body: JSON.stringify(output ?? {}),
    }),
    fail: (error) => awsJson.fail(undefined, error, exchange),
  };
}

function queryCall(operation: string, exchange: Exchange): StubbedCall {
  const { query, body } = exchange.request;
  const parameters = [...new URLSearchParams(query), ...new URLSearchParams(textOf(body))];
  const { Action: _, Version: __, ...input } = nested(parameters) as Record<string, unknown>;
  const metadata = `<ResponseMetadata><RequestId>${exchange.requestId}</RequestId></ResponseMetadata>`;
  return {
    operation,
    input,
    succeed: (output) => ({
      status: 200,
      headers: { 'Content-Type': 'text/xml', 'x-amzn-RequestId': exchange.requestId },
      body: `<${operation}Response>${xml(`${operation}Result`, output ?? {})}${metadata}</${operation}Response>`,
    }),
    fail: (error) => awsQuery.fail(undefined, error, exchange),
  };
}

/** A text as output is the body itself, as of services whose bodies are XML or bytes. */
function restCall(exchange: Exchange): StubbedCall {
  const { request, requestId } = exchange;
  const { method, path, body } = request;
  return {
    operation: `${method} ${path}`,
    input: json(request) ?? (body.length === 0 ? {} : textOf(body)),
    succeed: (output) => ({
      status: 200,
      headers: {
        'Content-Type': typeof output === 'string' ? 'application/xml' : 'application/json',
        'x-amzn-RequestId': requestId,
      },
      body: typeof output === 'string' ? output : JSON.stringify(output ?? {}),
    }),
    fail: (error) => restJson.fail(undefined, error, exchange),
  };
}

function json({ body }: HttpRequest): unknown {
  try {
    return JSON.parse(textOf(body)) as unknown;
  } catch {
    return undefined;
  }
}

// The bytes of an SDK client in this process warn if they are used as text.
const textOf = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString();

const DEEPEST = 20;

/** Parameters such as `Destination.ToAddresses.member.1=x` as the object that they stand for. */
function nested(parameters: readonly (readonly [name: string, value: string])[]): unknown {
  const root = new Map<string, unknown>();
  for (const [name, value] of parameters) {
    const steps = name.split('.', DEEPEST);
    let node = root;
    for (const step of steps.slice(0, -1)) {
      const next = node.get(step);
      const child = next instanceof Map ? (next as Map<string, unknown>) : new Map<string, unknown>();
      node.set(step, child);
      node = child;
    }
    node.set(steps[steps.length - 1], value);
  }
  return plain(root);
}

function plain(node: unknown): unknown {
  if (!(node instanceof Map)) return node;
  const children = node as Map<string, unknown>;
  const members = children.size === 1 ? (children.get('member') ?? children.get('entry')) : undefined;
  if (members !== undefined) return plain(members);
  const names = [...children.keys()];
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name))) {
    return names.sort((a, b) => Number(a) - Number(b)).map((name) => plain(children.get(name)));
  }
  return Object.fromEntries([...children].map(([name, child]) => [name, plain(child)]));
}

function xml(name: string, value: unknown): string {
  if (Array.isArray(value)) return `<${name}>${value.map((item) => xml('member', item)).join('')}</${name}>`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
    return `<${name}>${members.map(([member, of]) => xml(member, of)).join('')}</${name}>`;
  }
  const text = String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${text}</${name}>`;
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new AwsError(name === 'Error' ? 'StubFailure' : name, message);
}
