import type { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../../core';
import { MalformedInput } from '../malformed-input';
import type { Operation } from '../operation';
import type { Service } from '../service';
import type { HttpRequest, HttpResponse } from '../http-request';
import { serializationException, unknownOperation } from './error-shapes';
import { Bindings } from './http-bindings';
import { parseJson } from './json-text';
import type { Exchange, Opened, Protocol } from './protocol';

/** An operation's method and path. */
interface Route {
  readonly operation: Operation;
  readonly method: string;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  /** The query parameters that tell the operation from others of its path: `find=LayerVersion`. */
  readonly literals: readonly (readonly [name: string, value: string])[];
}

/** AWS REST JSON: a method and path identify the action, and the model's HTTP traits place its members. */
export class RestJsonProtocol implements Protocol {
  public readonly name = 'restJson';
  private readonly routes = new Map<Service, readonly Route[]>();
  private readonly bindings = new Bindings();

  public open(request: HttpRequest, service: Service): Opened | undefined {
    for (const route of this.routesOf(service)) {
      if (route.method !== request.method) continue;
      const match = route.pattern.exec(request.path);
      if (match === null || !hasLiterals(request, route)) continue;
      return {
        action: route.operation.name,
        read: (operation) => this.read(operation, request, route.labels, match.slice(1)),
      };
    }
    return undefined;
  }

  public succeed(_service: Service, operation: Operation, output: unknown, { requestId }: Exchange): HttpResponse {
    const headers: Record<string, string> = { 'x-amzn-RequestId': requestId, 'Content-Type': 'application/json' };
    let status = operation.http?.[2] ?? 200;
    if (operation.returnsNothing || status === 204) return { status, headers, body: '' };
    const { bound, payload, statusMember } = this.bindings.of(operation.output);
    const members = { ...(output as Record<string, unknown> | undefined) };
    for (const { name, header } of bound) {
      const value = members[name];
      if (header !== undefined && isScalar(value)) headers[header] = String(value);
      delete members[name];
    }
    if (statusMember !== undefined) {
      if (typeof members[statusMember] === 'number') status = members[statusMember];
      delete members[statusMember];
    }
    if (payload === undefined) return { status, headers, body: operation.writeJson(members) };
    const content = members[payload.name];
    if (content === undefined) return { status, headers, body: '' };
    if (typeof content === 'string' || content instanceof Uint8Array) return { status, headers, body: content };
    return { status, headers, body: JSON.stringify(content) };
  }

  public fail(_service: Service | undefined, error: AwsError, { requestId }: Exchange): HttpResponse {
    return {
      status: error.status,
      headers: {
        'x-amzn-RequestId': requestId,
        'x-amzn-ErrorType': error.shape,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ Type: error.fault === 'Sender' ? 'User' : 'Service', Message: error.message }),
    };
  }

  public malformed(problem: MalformedInput): AwsError {
    return serializationException(problem);
  }

  public unknownAction(_service: Service | undefined, action: string): AwsError {
    return unknownOperation(action, 404);
  }

  private read(
    operation: Operation,
    request: HttpRequest,
    labels: readonly string[],
    values: readonly string[],
  ): Record<string, unknown> {
    const { bound, payload } = this.bindings.of(operation.input);
    let input: Record<string, unknown> = {};
    if (payload === undefined) {
      input = operation.readJson(parseJson(request.body)) as Record<string, unknown>;
      // Members with another binding are not read from the body.
      for (const { name } of bound) delete input[name];
    } else if (request.body.length > 0) {
      input[payload.name] = payload.schema.isStructSchema() ? parseJson(request.body) : request.body;
    }
    const query = new URLSearchParams(request.query);
    for (const { name, schema, header, query: parameter } of bound) {
      const text =
        header !== undefined
          ? request.headers[header.toLowerCase()]
          : parameter !== undefined
            ? readParameter(query, parameter, schema)
            : decodeLabel(values[labels.indexOf(name)], name);
      if (text !== undefined) input[name] = typeof text === 'string' ? readText(schema, text, name) : text;
    }
    return input;
  }

  private routesOf(service: Service): readonly Route[] {
    let routes = this.routes.get(service);
    if (routes === undefined) {
      routes = [...service.operations.values()].map(routeOf).sort(bySpecificity);
      this.routes.set(service, routes);
    }
    return routes;
  }
}

function routeOf(operation: Operation): Route {
  if (operation.http === undefined) throw new Error(`${operation.name} has no HTTP binding`);
  const [method, uri] = operation.http;
  const [template, query = ''] = uri.split('?');
  const labels: string[] = [];
  const pattern = template
    .split('/')
    .map((segment) => {
      const label = /^\{(\w+)(\+?)\}$/.exec(segment);
      if (label === null) return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      labels.push(label[1]);
      return label[2] === '+' ? '(.+)' : '([^/]+)';
    })
    .join('/');
  // Older SDKs add a slash to the path of a listing.
  const literals = [...new URLSearchParams(query)];
  return { operation, method, labels, literals, pattern: new RegExp(`^${pattern}/?$`) };
}

/** The most specific first: few labels, then many literals. */
function bySpecificity(a: Route, b: Route): number {
  return a.labels.length - b.labels.length || b.literals.length - a.literals.length;
}

function hasLiterals({ query }: HttpRequest, { literals }: Route): boolean {
  if (literals.length === 0) return true;
  const given = new URLSearchParams(query);
  return literals.every(([name, value]) => given.get(name) === value);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function readParameter(query: URLSearchParams, name: string, schema: NormalizedSchema): string | string[] | undefined {
  if (schema.isListSchema()) return query.has(name) ? query.getAll(name) : undefined;
  return query.get(name) ?? undefined;
}

function decodeLabel(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MalformedInput('the path is not valid percent-encoding').within(name);
  }
}

function readText(schema: NormalizedSchema, text: string, name: string): unknown {
  if (schema.isNumericSchema()) {
    const number = Number(text);
    if (text.trim() === '' || Number.isNaN(number)) {
      throw new MalformedInput(`"${text}" can not be converted to a Number`).within(name);
    }
    return number;
  }
  if (schema.isBooleanSchema()) {
    if (text !== 'true' && text !== 'false') {
      throw new MalformedInput(`"${text}" can not be converted to a Boolean`).within(name);
    }
    return text === 'true';
  }
  return text;
}
