import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../../core';
import type { FileBody, HttpRequest, HttpResponse } from '../http-request';
import { MalformedInput } from '../malformed-input';
import type { Operation } from '../operation';
import { TIMESTAMP } from '../schema/simple-values';
import type { Service } from '../service';
import { type Bound, Bindings } from './http-bindings';
import type { Exchange, Opened, Protocol } from './protocol';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** What a request's path is about: the service, a bucket, or an object. */
type Level = 'service' | 'bucket' | 'object';

/** How to tell an operation from the others of its method and level. */
interface Route {
  readonly operation: Operation;
  readonly method: string;
  readonly level: Level;
  /** The query parameters that name it: `tagging`, `list-type=2`. */
  readonly literals: readonly (readonly [name: string, value: string])[];
  /** The headers and query parameters that it cannot do without. */
  readonly required: readonly Bound[];
}

/** AWS REST XML, as S3 speaks it: the method, the path and parameters of the query name the action. */
export class RestXmlProtocol implements Protocol {
  public readonly name = 'restXml';
  private readonly routes = new Map<Service, readonly Route[]>();
  private readonly bindings = new Bindings();

  public open(request: HttpRequest, service: Service): Opened | undefined {
    const { bucket, key } = addressOf(request, service);
    const level: Level = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object';
    const query = new URLSearchParams(request.query);
    for (const name of query.keys()) {
      if (service.binding.otherSubresources?.has(name) === true) throw notImplemented(name);
    }
    const candidates = this.routesOf(service).filter(
      (route) => route.method === request.method && route.level === level && hasLiterals(query, route),
    );
    // The most specific first: with `?uploadId=` a PUT is a part, with a copy's source it is a copy.
    const most = candidates.length === 0 ? 0 : candidates[0].literals.length;
    const named = candidates.filter(({ literals }) => literals.length === most);
    const found = named.find(({ required }) => required.every((each) => given(request, query, each))) ?? named.at(-1);
    if (found === undefined) return undefined;
    return {
      action: found.operation.name,
      read: (operation) => this.read(operation, request, query, { Bucket: bucket, Key: key }),
    };
  }

  public succeed(service: Service, operation: Operation, output: unknown, exchange: Exchange): HttpResponse {
    const { bound, payload, others } = this.bindings.of(operation.output);
    const members = { ...(output as Record<string, unknown> | undefined) };
    const headers: Record<string, string> = { 'x-amz-request-id': idOf(exchange), 'x-amz-id-2': hostIdOf(exchange) };
    for (const { name, header, prefix } of bound) {
      if (header !== undefined) Object.assign(headers, headerOf(header, members[name]));
      if (prefix !== undefined) Object.assign(headers, prefixed(prefix, members[name]));
    }
    const status = typeof members.$status === 'number' ? members.$status : (operation.http?.[2] ?? 200);
    const isHead = exchange.request.method === 'HEAD';
    // The transport sets it from the body, except where there is none.
    if (!isHead) delete headers['Content-Length'];
    const content = payload === undefined ? undefined : members[payload.name];
    const streams = payload?.schema.isStreaming() === true;
    if (content instanceof Uint8Array || typeof content === 'string')
      return { status, headers, body: content, streams };
    if (isFileBody(content)) return { status, headers, body: '', fileBody: content, streams };
    const written =
      payload !== undefined
        ? content === undefined
          ? undefined
          : xml(payload.schema, content, payload.schema.getMergedTraits().xmlName, service)
        : others.length === 0 || status === 204 || isHead
          ? undefined
          : xml(operation.output, only(members, others), rootOf(operation), service);
    if (written === undefined) return { status, headers, body: '' };
    return { status, headers: { 'Content-Type': 'application/xml', ...headers }, body: `${DECLARATION}${written}` };
  }

  public fail(_service: Service | undefined, error: AwsError, exchange: Exchange): HttpResponse {
    const { headers: extra, ...elements } = error.members;
    const headers: Record<string, string> = {
      'x-amz-request-id': idOf(exchange),
      'x-amz-id-2': hostIdOf(exchange),
      ...(extra as Record<string, string> | undefined),
    };
    // A HEAD has no body to hold the code; nor has a condition that is not met.
    if (exchange.request.method === 'HEAD' || error.status === 304) {
      return { status: error.status, headers, body: '' };
    }
    const shown = { Code: error.shape, Message: error.message, ...elements, RequestId: idOf(exchange) };
    const inner = Object.entries({ ...shown, HostId: hostIdOf(exchange) })
      .map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`)
      .join('');
    return {
      status: error.status,
      headers: { ...headers, 'Content-Type': 'application/xml' },
      body: `${DECLARATION}<Error>${inner}</Error>`,
    };
  }

  public malformed(): AwsError {
    return new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }

  public unknownAction(_service: Service | undefined, action: string): AwsError {
    const ResourceType = action.includes(' ') ? action.replace(/^\S+ /, '') : action;
    const message = 'The specified method is not allowed against this resource.';
    return new AwsError('MethodNotAllowed', message, { status: 405, members: { ResourceType } });
  }

  private read(
    operation: Operation,
    request: HttpRequest,
    query: URLSearchParams,
    labels: Readonly<Record<string, string | undefined>>,
  ): Record<string, unknown> {
    const { bound, payload } = this.bindings.of(operation.input);
    const input: Record<string, unknown> = {};
    for (const { name, schema, header, prefix, query: parameter } of bound) {
      const value =
        header !== undefined
          ? request.headers[header.toLowerCase()]
          : prefix !== undefined
            ? withPrefix(request.headers, prefix)
            : parameter !== undefined
              ? (query.get(parameter) ?? undefined)
              : labels[name];
      if (value !== undefined) input[name] = typeof value === 'string' ? readText(schema, value) : value;
    }
    if (payload !== undefined) {
      const content = payload.schema.isStructSchema() ? readXml(payload.schema, request.body) : request.body;
      if (content !== undefined) input[payload.name] = content;
    }
    return input;
  }

  private routesOf(service: Service): readonly Route[] {
    let routes = this.routes.get(service);
    if (routes === undefined) {
      routes = [...service.operations.values()]
        .map((operation) => this.routeOf(operation))
        .sort((a, b) => b.literals.length - a.literals.length || b.required.length - a.required.length);
      this.routes.set(service, routes);
    }
    return routes;
  }

  private routeOf(operation: Operation): Route {
    if (operation.http === undefined) throw new Error(`${operation.name} has no HTTP binding`);
    const [method, uri] = operation.http;
    const [path, query = ''] = uri.split('?');
    const { bound } = this.bindings.of(operation.input);
    const hasBucket = bound.some(({ name }) => name === 'Bucket');
    return {
      operation,
      method,
      level: path.includes('{Key+}') ? 'object' : hasBucket ? 'bucket' : 'service',
      // The SDK says its operation by x-id, other clients do not.
      literals: [...new URLSearchParams(query)].filter(([name]) => name !== 'x-id'),
      required: bound.filter(({ name, header, query: parameter }) => {
        return (header !== undefined || parameter !== undefined) && operation.requires(name);
      }),
    };
  }
}

/** The bucket and key of a request: the bucket is in the host name, or is the first part of the path. */
function addressOf(
  { path, headers, endpoint }: HttpRequest,
  { binding }: Service,
): { readonly bucket?: string; readonly key?: string } {
  const host = headers.host ?? new URL(endpoint).host;
  const label = binding.hostLabel?.(host.replace(/:\d+$/, ''));
  const rest = path.slice(1);
  if (label !== undefined) return { bucket: label, key: rest === '' ? undefined : decoded(rest) };
  const slash = rest.indexOf('/');
  const [bucket, key] = slash < 0 ? [rest, ''] : [rest.slice(0, slash), rest.slice(slash + 1)];
  if (bucket === '') return {};
  return { bucket: decoded(bucket), key: key === '' ? undefined : decoded(key) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { members: { URI: text } });
  }
}

function hasLiterals(query: URLSearchParams, { literals }: Route): boolean {
  return literals.every(([name, value]) => (value === '' ? query.has(name) : query.get(name) === value));
}

function given({ headers }: HttpRequest, query: URLSearchParams, { header, query: parameter }: Bound): boolean {
  return header === undefined ? query.has(parameter ?? '') : headers[header.toLowerCase()] !== undefined;
}

function readText(schema: NormalizedSchema, text: string): unknown {
  if (schema.isNumericSchema()) {
    const number = Number(text);
    if (text.trim() === '' || Number.isNaN(number)) {
      throw new AwsError(
        'InvalidArgument',
        `Provided ${schema.getMemberName()} not an integer or within integer range`,
      );
    }
    return number;
  }
  if (schema.isBooleanSchema()) return text.toLowerCase() === 'true';
  if (schema.isTimestampSchema()) {
    const date = new Date(text);
    return Number.isNaN(date.getTime()) ? undefined : date; // S3 ignores dates that it cannot read
  }
  if (schema.isListSchema()) return text.split(',').map((item) => item.trim());
  return text;
}

function readXml(schema: NormalizedSchema, body: Uint8Array): unknown {
  if (body.length === 0) return undefined;
  const text = Buffer.from(body).toString();
  try {
    return new XmlShapeDeserializer(SETTINGS).read(schema.getSchema(), text);
  } catch (error) {
    throw new MalformedInput((error as Error).message);
  }
}

const SETTINGS = {
  xmlNamespace: '',
  serviceNamespace: '',
  timestampFormat: { default: TIMESTAMP.dateTime, useTrait: true },
  httpBindings: true,
};

function xml(schema: NormalizedSchema, value: unknown, root: string | undefined, { binding }: Service): string {
  const serializer = new XmlShapeSerializer({ ...SETTINGS, xmlNamespace: binding.xmlNamespace ?? '' });
  serializer.write(schema.getSchema(), value);
  const written = String(serializer.flush());
  // The serializer names the root as the model does its structure, S3 as the trait of the member or the output says.
  return root === undefined ? written : written.replace(/^<[^\s/>]+/, `<${root}`).replace(/<\/[^\s>]+>$/, `</${root}>`);
}

function rootOf({ output, name }: Operation): string {
  return output.getMergedTraits().xmlName ?? `${name}Result`;
}

function only(members: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, members[name]]));
}

function headerOf(header: string, value: unknown): Record<string, string> {
  if (value === undefined) return {};
  const text = value instanceof Date ? value.toUTCString() : `${value as string | number | boolean}`;
  return { [header]: text };
}

function prefixed(prefix: string, value: unknown): Record<string, string> {
  const entries = Object.entries((value ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([name, text]) => [`${prefix}${name}`, text]));
}

function withPrefix(headers: HttpRequest['headers'], prefix: string): Record<string, string> | undefined {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(prefix) && value !== undefined ? [[name.slice(prefix.length), value] as const] : [],
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isFileBody(value: unknown): value is FileBody {
  return typeof value === 'object' && value !== null && 'file' in value;
}

function notImplemented(subresource: string): AwsError {
  const message = 'A header or query you provided implies functionality that is not implemented.';
  return new AwsError('NotImplemented', message, { status: 501, members: { Header: subresource } });
}

/** S3's own form of a request id: 16 characters. */
function idOf({ requestId }: Exchange): string {
  return requestId.replaceAll('-', '').slice(0, 16).toUpperCase();
}

function hostIdOf({ requestId }: Exchange): string {
  return Buffer.from(`${requestId}${requestId}`).toString('base64').slice(0, 76);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]);
}
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
