/** Which part of a request a value is from. */
type Source = 'header' | 'querystring' | 'path' | 'body' | 'context' | 'constant';

const FORMATS: Record<Source, { readonly pattern: RegExp; readonly wanted: string }> = {
  header: { pattern: /^[A-Za-z0-9-]+$/, wanted: "a header's name: letters, digits and '-'" },
  querystring: { pattern: /^[A-Za-z0-9._-]+$/, wanted: "a parameter's name: letters, digits, '.', '_' and '-'" },
  path: { pattern: /^[A-Za-z0-9._-]+$/, wanted: "a parameter's name: letters, digits, '.', '_' and '-'" },
  body: {
    pattern: /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/,
    wanted: "the names of nested fields, such as 'order.customerId'",
  },
  context: { pattern: /^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/, wanted: "a context variable, such as 'identity.sourceIp'" },
  constant: { pattern: /^[!-#%-~]{1,128}$/, wanted: "1 to 128 letters, digits and punctuation without '$'" },
};

/**
 * A value that API Gateway takes from each request.
 *
 * @example
 * RequestValue.header('Idempotency-Key');
 * RequestValue.bodyField('order.customerId');
 */
export class RequestValue {
  /**
   * A header, which each request must have.
   *
   * @param name such as `Idempotency-Key`; case does not matter
   */
  public static header(name: string): RequestValue {
    return new RequestValue('header', name);
  }

  /**
   * A parameter of the query string, which each request must have.
   *
   * @param name the parameter's name
   */
  public static queryParameter(name: string): RequestValue {
    return new RequestValue('querystring', name);
  }

  /**
   * A parameter of the path.
   *
   * @param name the parameter's name, which must be in the path in braces: `id` of `/orders/{id}`
   */
  public static pathParameter(name: string): RequestValue {
    return new RequestValue('path', name);
  }

  /**
   * A field of a JSON body.
   *
   * @param fields the field's name, after the names of those it is nested in: `order.customerId`
   */
  public static bodyField(fields: string): RequestValue {
    return new RequestValue('body', fields);
  }

  /**
   * What API Gateway knows about a request.
   *
   * @param variable the name of a `$context` variable: `requestId`, `identity.sourceIp`
   * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
   */
  public static context(variable: string): RequestValue {
    return new RequestValue('context', variable);
  }

  /**
   * The same text for all requests.
   *
   * @param text 1 to 128 letters, digits and punctuation
   */
  public static constant(text: string): RequestValue {
    return new RequestValue('constant', text);
  }

  private constructor(
    private readonly source: Source,
    private readonly name: string,
  ) {}

  /**
   * What is wrong with it, as the end of an error; undefined if nothing is.
   *
   * @param path the path of the requests
   * @internal
   */
  public _fault(path: string): string | undefined {
    const { pattern, wanted } = FORMATS[this.source];
    if (!pattern.test(this.name)) return `must be ${wanted}, but was '${this.name}'`;
    if (this.source === 'path' && !path.includes(`{${this.name}}`)) {
      return `must be a parameter of the path '${path}', but was '${this.name}'`;
    }
    return undefined;
  }

  /**
   * The request parameter that a REST API has to require.
   *
   * @internal
   */
  public get _requiredParameter(): string | undefined {
    return ['header', 'querystring', 'path'].includes(this.source)
      ? `method.request.${this.source}.${this.name}`
      : undefined;
  }

  /**
   * The value in a mapping template of a REST API, encoded for a form: no value can add a parameter of its own.
   *
   * @internal
   */
  public get _encodedInTemplate(): string {
    switch (this.source) {
      case 'constant':
        return encodeURIComponent(this.name);
      case 'body':
        return `$util.urlEncode("$input.path('$.${this.name}')")`;
      case 'context':
        return `$util.urlEncode("$context.${this.name}")`;
      default:
        return `$util.urlEncode($input.params('${this.name}'))`;
    }
  }

  /**
   * The value in a parameter mapping of an HTTP API.
   *
   * @internal
   */
  public get _parameterMapping(): string {
    if (this.source === 'constant') return this.name;
    return this.source === 'context' ? `$context.${this.name}` : `$request.${this.source}.${this.name}`;
  }
}
