/** The part of a Standard Schema (zod, valibot, arktype and others) that is used: https://standardschema.dev. */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output };
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
      }[];
    };

/** A message's body is no JSON, or does not satisfy the schema. */
export class InvalidBodyError extends Error {
  public override readonly name = 'InvalidBodyError';
}

/** The bodies of messages as a worker (`Message`) and Lambda (`SQSRecord`) have them. */
export interface MessageWithBody {
  readonly Body?: string;
  readonly body?: string;
}

/**
 * Returns a handler that gets each message's body parsed from JSON, and as the schema says.
 *
 * A message whose body is not valid will not be so the next time: in a `QueueWorker`, it goes to the dead-letter queue,
 * with the reason in the attribute `DeadLetterReason`. Lambda cannot send it there, so in `processBatch` its record fails
 * with an `InvalidBodyError`, until SQS has moved it.
 */
export function validated<Output, M extends MessageWithBody, Context>(
  schema: StandardSchema<Output>,
  handler: (body: Output, message: M, context: Context) => void | Promise<void>,
): (message: M, context: Context) => Promise<void> {
  return async (message, context) => {
    let body: Output;
    try {
      body = await parse(schema, message.Body ?? message.body ?? '');
    } catch (error) {
      const { deadLetter } = context as { deadLetter?: (reason: string) => Promise<void> };
      if (!(error instanceof InvalidBodyError) || deadLetter === undefined) throw error;
      return deadLetter(error.message);
    }
    await handler(body, message, context);
  };
}

async function parse<Output>(schema: StandardSchema<Output>, body: string): Promise<Output> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new InvalidBodyError(`the body is not JSON: ${(cause as Error).message}`, { cause });
  }
  const result = await schema['~standard'].validate(json);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path = [] }) => {
    const place = path.map((key) => String(typeof key === 'object' ? key.key : key)).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  throw new InvalidBodyError(`the body is not valid: ${issues.join('; ')}`);
}
