import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { StaticErrorSchema, StaticStructureSchema } from '@smithy/types';
import { AwsError } from '../../core';
import type { MalformedInput } from '../malformed-input';
import type { Operation } from '../operation';
import { QueryParameters, readQueryInput } from '../schema/query-input';
import { TIMESTAMP } from '../schema/simple-values';
import type { Service } from '../service';
import type { HttpRequest, HttpResponse } from '../http-request';
import type { Exchange, Opened, Protocol } from './protocol';

const DECLARATION = '<?xml version="1.0"?>';
const RESPONSE_METADATA: StaticStructureSchema = [3, '', 'ResponseMetadata', 0, ['RequestId'], [0]];
const DETAIL: StaticStructureSchema = [3, '', 'Detail', 0, [], []];

/**
 * AWS Query: the action and its input are form parameters in the URL or body. The response is XML, or JSON if the
 * caller accepts `application/json`.
 */
export class AwsQueryProtocol implements Protocol {
  public readonly name = 'awsQuery';
  private readonly responses = new Map<Operation, StaticStructureSchema>();

  /** A request's parameters, from the URL and, for a form, the body. */
  public static parameters(request: HttpRequest): QueryParameters {
    const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    return QueryParameters.parse(request.query, form ? Buffer.from(request.body).toString() : '');
  }

  public open(request: HttpRequest, service: Service): Opened | undefined {
    const parameters = AwsQueryProtocol.parameters(request);
    const action = parameters.child('Action')?.value;
    if (action === undefined) return undefined;
    const { queryAliases, apiVersion } = service.binding;
    const version = parameters.child('Version')?.value ?? apiVersion;
    if (version !== apiVersion) throw this.unknownVersion(service, action, version);
    return { action, read: (operation) => readQueryInput(operation.input, parameters, queryAliases) };
  }

  public succeed(service: Service, operation: Operation, output: unknown, exchange: Exchange): HttpResponse {
    const { name } = operation;
    const metadata = { RequestId: exchange.requestId };
    if (wantsJson(exchange)) {
      const written = operation.returnsNothing ? '' : `"${name}Result":${operation.writeQueryJson(output)},`;
      const body = `{"${name}Response":{${written}"ResponseMetadata":${JSON.stringify(metadata)}}}`;
      return json(200, body, exchange);
    }
    const result = operation.returnsNothing ? {} : { [`${name}Result`]: operation.forXml(output ?? {}) };
    const schema = this.responseSchema(operation);
    return xml(200, schema, { ...result, ResponseMetadata: metadata }, service.binding.xmlNamespace, exchange);
  }

  public fail(service: Service | undefined, error: AwsError, exchange: Exchange): HttpResponse {
    const { fault, queryCode, queryMessage, status } = error;
    const particulars = { Type: fault, Code: queryCode, Message: queryMessage, ...error.members };
    const { requestId } = exchange;
    const model = service?.binding.errors?.find(([, , name]) => name === error.shape);
    if (wantsJson(exchange)) {
      const detail = model === undefined ? { Detail: null } : {};
      return json(status, JSON.stringify({ Error: { ...particulars, ...detail }, RequestId: requestId }), exchange);
    }
    const body = { Error: { ...particulars, Detail: {} }, RequestId: requestId };
    return xml(status, errorSchema(model), body, service?.binding.xmlNamespace, exchange);
  }

  public malformed(problem: MalformedInput): AwsError {
    return new AwsError('MalformedInput', problem.describe());
  }

  public unknownAction(service: Service | undefined, action: string): AwsError {
    const message =
      service?.binding.unknownActionMessage?.(action) ??
      `Could not find operation ${action}${service === undefined ? '' : ` for version ${service.binding.apiVersion}`}`;
    return new AwsError('InvalidAction', message);
  }

  private unknownVersion({ binding }: Service, action: string, version: string): AwsError {
    return (
      binding.unknownVersion?.(version) ??
      new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`)
    );
  }

  private responseSchema(operation: Operation): StaticStructureSchema {
    let schema = this.responses.get(operation);
    if (schema === undefined) {
      const members: [string, StaticStructureSchema[5][number]][] = [['ResponseMetadata', RESPONSE_METADATA]];
      if (!operation.returnsNothing) {
        // The plain schema: a normalized one would appear as a member with its own name.
        members.unshift([`${operation.name}Result`, operation.output.getSchema()]);
      }
      schema = [3, '', `${operation.name}Response`, 0, members.map(([name]) => name), members.map(([, of]) => of)];
      this.responses.set(operation, schema);
    }
    return schema;
  }
}

/** The schema of an error response: with the members in the model, or an empty Detail for an unmodelled error. */
function errorSchema(model: StaticErrorSchema | undefined): StaticStructureSchema {
  const [names, schemas] = model === undefined ? [['Detail'], [DETAIL]] : [model[4], model[5]];
  const own = names.flatMap((name, index) =>
    name.toLowerCase() === 'message' ? [] : [[name, schemas[index]] as const],
  );
  const error: StaticStructureSchema = [
    3,
    '',
    'Error',
    0,
    ['Type', 'Code', 'Message', ...own.map(([name]) => name)],
    [0, 0, 0, ...own.map(([, schema]) => schema)],
  ];
  return [3, '', 'ErrorResponse', 0, ['Error', 'RequestId'], [error, 0]];
}

function wantsJson({ request }: Exchange): boolean {
  return request.headers.accept?.includes('application/json') === true;
}

function json(status: number, body: string, { requestId }: Exchange): HttpResponse {
  const headers = { 'x-amzn-RequestId': requestId, 'Content-Type': 'application/json' };
  return { status, headers, body };
}

function xml(
  status: number,
  schema: StaticStructureSchema,
  value: unknown,
  xmlNamespace = '',
  { requestId }: Exchange,
): HttpResponse {
  const serializer = new XmlShapeSerializer({
    xmlNamespace,
    serviceNamespace: '',
    timestampFormat: { default: TIMESTAMP.dateTime, useTrait: true },
  });
  serializer.write(schema, value);
  return {
    status,
    headers: { 'x-amzn-RequestId': requestId, 'Content-Type': 'text/xml' },
    body: `${DECLARATION}${String(serializer.flush())}`,
  };
}
