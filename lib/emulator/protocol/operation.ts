import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';
import { inputReader, NATIVE_FORMAT, type InputReader } from './schema/json-input';
import { cborWriter, type CborWriter } from './schema/cbor-output';
import { type Doubles, doublesAsText, NO_DOUBLES } from './schema/doubles';
import { jsonWriter, type JsonWriter } from './schema/json-output';
import { requiredCheck, type MemberPath, type RequiredCheck } from './schema/required-members';

/** An operation of a service's model. Its readers and writers are compiled from its schemas on first use. */
export class Operation {
  /** The name in the model: `SendMessage`. */
  public readonly name: string;
  /** The method of the service object: `sendMessage`. */
  public readonly method: string;
  /** The namespace of the service's model: `com.amazonaws.sqs`. */
  public readonly namespace: string;
  public readonly input: NormalizedSchema;
  public readonly output: NormalizedSchema;
  /** The HTTP method, path template and success status, for protocols that bind to HTTP. */
  public readonly http?: readonly [method: string, template: string, status: number];
  private jsonReader?: InputReader;
  private cborReader?: InputReader;
  private jsonWriter?: JsonWriter;
  private queryJsonWriter?: JsonWriter;
  private cborWriter?: CborWriter;
  private xmlForm?: { readonly of: ((output: unknown) => unknown) | undefined };
  private required?: { readonly check: RequiredCheck | undefined };

  constructor(
    [, namespace, name, traits, input, output]: StaticOperationSchema,
    private readonly doubles: Doubles = NO_DOUBLES,
  ) {
    this.name = name;
    this.method = methodOf(name);
    this.namespace = namespace;
    this.input = NormalizedSchema.of(input);
    this.output = NormalizedSchema.of(output);
    this.http = typeof traits === 'object' ? traits.http : undefined;
  }

  /** Whether the operation has no output. */
  public get returnsNothing(): boolean {
    return this.output.isUnitSchema();
  }

  /** Checks parsed JSON against the input's schema. */
  public get readJson(): InputReader {
    return (this.jsonReader ??= inputReader(this.input));
  }

  /** Checks decoded CBOR against the input's schema. */
  public get readCbor(): InputReader {
    return (this.cborReader ??= inputReader(this.input, NATIVE_FORMAT));
  }

  public get writeJson(): JsonWriter {
    return (this.jsonWriter ??= jsonWriter(this.output, { doubles: this.doubles }));
  }

  /** Writes an output as the Query protocol's JSON. */
  public get writeQueryJson(): JsonWriter {
    return (this.queryJsonWriter ??= jsonWriter(this.output, { doubles: this.doubles, mapsAsEntries: true }));
  }

  public get writeCbor(): CborWriter {
    return (this.cborWriter ??= cborWriter(this.output, this.doubles));
  }

  /** Converts an output to the form from which the XML serializer writes what AWS would. */
  public forXml(output: unknown): unknown {
    this.xmlForm ??= { of: doublesAsText(this.output, this.doubles) };
    return this.xmlForm.of === undefined ? output : this.xmlForm.of(output);
  }

  /** Whether an input cannot do without a member. */
  public requires(member: string): boolean {
    return this.missing({}).some((path) => path.length === 1 && path[0] === member);
  }

  /** Returns the required members that `input` lacks. */
  public missing(input: unknown): readonly MemberPath[] {
    this.required ??= { check: requiredCheck(this.input) };
    const missing: MemberPath[] = [];
    this.required.check?.(input, [], missing);
    return missing;
  }
}

/** The method of a service that performs an operation: `sendMessage` performs `SendMessage`. */
export function methodOf(operation: string): string {
  return operation[0].toLowerCase() + operation.slice(1);
}
