import { AnswerLost, AwsError, isPromise, type RequestContext } from '../core';
import type { Random } from '../clock';
import { type Caller, Callers, type CallersOptions } from './caller';
import { decompressed } from './compressed-request';
import { credentialScope, type CredentialScope } from './credential-scope';
import { MalformedInput } from './malformed-input';
import type { Operation } from './operation';
import { AwsJsonProtocol } from './protocol/aws-json';
import { AwsQueryProtocol } from './protocol/aws-query';
import type { Exchange, Opened, Protocol } from './protocol/protocol';
import { RestJsonProtocol } from './protocol/rest-json';
import { RestXmlProtocol } from './protocol/rest-xml';
import { RpcV2CborProtocol } from './protocol/rpc-v2-cbor';
import { type RoutedService, Service } from './service';
import type { Place } from './protocol-binding';
import type { HttpRequest, HttpResponse } from './http-request';

/** Options of a {@link RequestRouter}. */
export interface WireOptions extends CallersOptions {
  readonly services: readonly RoutedService[];
  /** The Region of unsigned requests. */
  readonly defaultRegion: string;
  /** The source of request ids. */
  readonly random: Random;
  /**
   * Returns what answers the requests to a service, by its signing name, in the emulator's place.
   * @default - nothing does
   */
  readonly substituteFor?: (signingName: string) => Substitute | undefined;
  /**
   * Called with an exception in a service that is not an AWS error: a defect in the emulator, answered as
   * InternalFailure.
   * @default - writes its stack to standard error
   */
  readonly onInternalError?: (error: unknown, action: string) => void;
}

/** Answers a request to a service in the emulator's place. Never throws or rejects. */
export type Substitute = (
  exchange: Exchange & {
    /** Writes an error in the protocol of the request. */
    readonly fail: (error: AwsError) => HttpResponse;
  },
  scope: CredentialScope,
) => HttpResponse | Promise<HttpResponse>;

/** A request whose service and protocol are known. */
interface Routed {
  readonly service: Service;
  readonly protocol: Protocol;
}

type ServiceMethod = (input: Record<string, unknown>, context: RequestContext) => unknown;

/**
 * Routes requests on AWS's protocols to service objects. A request goes to the service and Region of its SigV4
 * credential (signatures are not verified); an unsigned request goes to the service that its target, action or path
 * belongs to.
 */
export class RequestRouter {
  private readonly services: readonly Service[];
  private readonly bySigningName = new Map<string, Service>();
  private readonly callers: Callers;
  private readonly awsJson = new AwsJsonProtocol();
  private readonly awsQuery = new AwsQueryProtocol();
  private readonly restJson = new RestJsonProtocol();
  private readonly restXml = new RestXmlProtocol();
  private readonly rpcV2Cbor = new RpcV2CborProtocol();
  private readonly onInternalError: (error: unknown, action: string) => void;

  constructor(private readonly options: WireOptions) {
    this.callers = new Callers(options);
    this.services = options.services.map((service) => new Service(service));
    for (const service of this.services) this.bySigningName.set(service.binding.signingName, service);
    this.onInternalError = options.onInternalError ?? ((error, action) => console.error(`${action} failed:`, error));
  }

  /** The actions of a service; undefined if there is no such service, or it has no API. */
  public actionsOf(name: string): readonly string[] | undefined {
    const operations = this.services.find((service) => service.name === name)?.operations;
    return operations && [...operations.keys()];
  }

  /** Whether a request's service takes bodies of any length. */
  public takesFiles(request: Pick<HttpRequest, 'headers' | 'query'>): boolean {
    const scope = credentialScope(request);
    return scope !== undefined && this.bySigningName.get(scope.service)?.binding.takesFiles === true;
  }

  /** Answers a request: synchronously, or with a promise if the service has to wait. Never throws or rejects. */
  public handle(received: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const requestId = this.options.random.uuid();
    const substituted = this.substitute({ request: received, requestId });
    if (substituted !== undefined) return substituted;
    const file = this.fileAt(received);
    if (file !== undefined) return { status: 200, headers: { 'Content-Type': file.type }, body: file.body };
    const encoding = received.headers['content-encoding'];
    // Of a stored file, its encoding is the file's own.
    if (encoding === undefined || this.takesFiles(received)) return this.answer({ request: received, requestId });
    try {
      return this.answer({ request: decompressed(received), requestId });
    } catch (error) {
      if (!(error instanceof MalformedInput)) throw error;
      const protocol = this.protocolOf(received);
      return protocol.fail(undefined, protocol.malformed(error), { request: received, requestId });
    }
  }

  private substitute(exchange: Exchange): HttpResponse | Promise<HttpResponse> | undefined {
    if (this.options.substituteFor === undefined) return undefined;
    const { request } = exchange;
    const scope = credentialScope(request);
    const answer = scope && this.options.substituteFor(scope.service);
    if (answer === undefined || scope === undefined) return undefined;
    const fail = (error: AwsError) => this.protocolOf(request).fail(undefined, error, exchange);
    return answer({ ...exchange, fail }, scope);
  }

  private fileAt({ method, path }: HttpRequest): { readonly type: string; readonly body: string } | undefined {
    if (method !== 'GET' || path === '/') return undefined;
    for (const { binding } of this.services) {
      const file = binding.fileAt?.(path);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  private answer(exchange: Exchange): HttpResponse | Promise<HttpResponse> {
    const { request } = exchange;
    const scope = credentialScope(request);
    const routed = this.route(request, scope);
    if (routed === undefined) return this.refuseUnrouted(exchange, scope);
    const { service, protocol } = routed;
    let opened: Opened | undefined;
    try {
      opened = protocol.open(request, service);
      if (opened === undefined) return this.refuseUnnamed(routed, exchange);
      return this.perform(routed, opened, exchange, scope);
    } catch (error) {
      return this.fail(routed, error, opened?.action ?? 'request', exchange);
    }
  }

  private perform(
    routed: Routed,
    opened: Opened,
    exchange: Exchange,
    scope: CredentialScope | undefined,
  ): HttpResponse | Promise<HttpResponse> {
    const { service, protocol } = routed;
    const operation = service.operations.get(opened.action);
    if (operation === undefined) throw protocol.unknownAction(service, opened.action);
    const { request } = exchange;
    const caller = this.callers.of(request, scope);
    const input = opened.read(operation);
    const incoming = { action: operation.name, protocol: protocol.name, request, input };
    service.binding.refine?.(incoming);
    const missing = operation.missing(input);
    if (missing.length > 0) {
      const error = service.binding.missingMembers(operation.name, missing);
      if (error !== undefined) throw error;
    }
    const call = this.callOf(request, caller, scope, service.binding.placeOf?.(incoming));
    const target = service.resolve(call.account, call.region) as Record<string, ServiceMethod | undefined>;
    if (typeof target[operation.method] !== 'function') throw protocol.unknownAction(service, operation.name);
    const output = target[operation.method]?.(input, call);
    if (!isPromise(output)) return protocol.succeed(service, operation, output, exchange);
    return output.then(
      (result: unknown) => this.succeed(routed, operation, result, exchange),
      (error: unknown) => this.fail(routed, error, operation.name, exchange),
    );
  }

  private succeed(routed: Routed, operation: Operation, output: unknown, exchange: Exchange): HttpResponse {
    try {
      return routed.protocol.succeed(routed.service, operation, output, exchange);
    } catch (error) {
      return this.fail(routed, error, operation.name, exchange);
    }
  }

  private fail({ service, protocol }: Routed, error: unknown, action: string, exchange: Exchange): HttpResponse {
    if (error instanceof AnswerLost) return { status: error.status, headers: {}, body: '', lost: true };
    if (error instanceof AwsError) return protocol.fail(service, error, exchange);
    if (error instanceof MalformedInput) return protocol.fail(service, protocol.malformed(error), exchange);
    this.onInternalError(error, action);
    const message = 'The request processing has failed because of an unknown error, exception or failure.';
    return protocol.fail(
      service,
      new AwsError('InternalFailure', message, { status: 500, fault: 'Receiver' }),
      exchange,
    );
  }

  private route(request: HttpRequest, scope: CredentialScope | undefined): Routed | undefined {
    const service = scope === undefined ? this.unsignedService(request) : this.bySigningName.get(scope.service);
    if (service === undefined) return undefined;
    const protocol = this.protocolOf(request, service);
    return service.binding.protocols.includes(protocol.name) ? { service, protocol } : undefined;
  }

  private protocolOf(request: HttpRequest, service?: Service): Protocol {
    if (AwsJsonProtocol.accepts(request)) return this.awsJson;
    if (RpcV2CborProtocol.accepts(request)) return this.rpcV2Cbor;
    if (service?.binding.protocols.includes('restXml') === true) return this.restXml;
    return service?.binding.protocols.includes('restJson') === true ? this.restJson : this.awsQuery;
  }

  private unsignedService(request: HttpRequest): Service | undefined {
    if (AwsJsonProtocol.accepts(request)) {
      const target = request.headers['x-amz-target'] ?? '';
      return this.services.find((service) => service.actionOf(target) !== undefined);
    }
    if (RpcV2CborProtocol.accepts(request)) {
      const target = RpcV2CborProtocol.targetOf(request);
      return this.services.find(({ binding }) => binding.targetPrefix === target);
    }
    const byPath = this.services.find(({ binding }) => binding.ownsPath?.(request.path));
    if (byPath !== undefined) return byPath;
    const parameters = AwsQueryProtocol.parameters(request);
    const action = parameters.child('Action')?.value;
    if (action === undefined) {
      return this.services.find(
        (service) => service.binding.protocols.includes('restJson') && this.restJson.open(request, service),
      );
    }
    const version = parameters.child('Version')?.value;
    const speakers = this.services.filter(({ binding }) => binding.protocols.includes('awsQuery'));
    return (
      speakers.find(({ binding }) => binding.apiVersion === version) ??
      speakers.find(({ operations }) => operations.has(action))
    );
  }

  /** Refuses a request to an unknown service, or on a protocol that the service does not use. */
  private refuseUnrouted(exchange: Exchange, scope: CredentialScope | undefined): HttpResponse {
    const { request } = exchange;
    const protocol = this.protocolOf(request);
    const action =
      protocol === this.awsJson
        ? request.headers['x-amz-target']
        : AwsQueryProtocol.parameters(request).child('Action')?.value;
    if (scope !== undefined && !this.bySigningName.has(scope.service)) {
      const asked = action ?? `${request.method} ${request.path}`;
      const message =
        `The service ${scope.service} is not emulated (the request was for ${asked}). Forward it to a server of ` +
        `yours (up --forward ${scope.service}=http://127.0.0.1:8000, or the option forward), or answer it in a test ` +
        `with cloud.stub('${scope.service}', …).`;
      return protocol.fail(undefined, new AwsError('UnknownOperationException', message, { status: 404 }), exchange);
    }
    if (action === undefined) return unknownOperationPage(exchange);
    return protocol.fail(undefined, protocol.unknownAction(undefined, action), exchange);
  }

  /** Refuses a request that names no action. */
  private refuseUnnamed({ service, protocol }: Routed, exchange: Exchange): HttpResponse {
    if (protocol !== this.restJson && protocol !== this.restXml) return unknownOperationPage(exchange);
    const { method, path } = exchange.request;
    return protocol.fail(service, protocol.unknownAction(service, `${method} ${path}`), exchange);
  }

  private callOf(
    request: HttpRequest,
    caller: Caller | undefined,
    scope: CredentialScope | undefined,
    place: Place = {},
  ): RequestContext {
    const { defaultAccount, defaultRegion } = this.options;
    const region = place.region ?? scope?.region ?? defaultRegion;
    return new WireCall(request, caller ?? this.callers.root(place.account ?? defaultAccount), region);
  }
}

/** The address of a caller that did not use a network. */
const LOOPBACK = '127.0.0.1';

/** The request context of a call. Only actions that wait read the abort signal, so it is created on demand. */
class WireCall implements RequestContext {
  public readonly account: string;
  public readonly principal: string;
  public readonly endpoint: string;
  public readonly traceHeader?: string;

  constructor(
    private readonly request: HttpRequest,
    { account, principal }: Caller,
    public readonly region: string,
  ) {
    this.account = account;
    this.principal = principal;
    this.endpoint = request.endpoint;
    this.traceHeader = request.headers['x-amzn-trace-id'];
  }

  public get sourceIp(): string {
    return this.request.sourceIp ?? LOOPBACK;
  }

  public get signal(): AbortSignal | undefined {
    return this.request.signal;
  }
}

// By its shape: one from another realm (a sandbox, a test's) is no instance of this realm's Promise.
// What AWS answers to a request that is none of its APIs', whatever the caller accepts.
function unknownOperationPage({ requestId }: Exchange): HttpResponse {
  return {
    status: 404,
    headers: { 'x-amzn-RequestId': requestId, 'Content-Type': 'application/xml' },
    body: '<UnknownOperationException/>\n',
  };
}
