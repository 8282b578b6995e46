import type { NormalizedSchema } from '@smithy/core/schema';

/** A member that is not in the body, and where it is. A member with neither is a label of the path. */
export interface Bound {
  readonly name: string;
  readonly schema: NormalizedSchema;
  readonly header?: string;
  /** The prefix of the headers that hold its entries. */
  readonly prefix?: string;
  readonly query?: string;
}

/** Where the members of an input or output are. */
export interface MemberPlaces {
  readonly bound: readonly Bound[];
  /** The member that is the whole body. */
  readonly payload?: { readonly name: string; readonly schema: NormalizedSchema };
  /** The member that holds the status. */
  readonly statusMember?: string;
  /** The members of the body. */
  readonly others: readonly string[];
}

/** Where the members of inputs and outputs are, by the HTTP traits of their model. */
export class Bindings {
  private readonly known = new Map<NormalizedSchema, MemberPlaces>();

  public of(schema: NormalizedSchema): MemberPlaces {
    let places = this.known.get(schema);
    if (places === undefined) this.known.set(schema, (places = placesOf(schema)));
    return places;
  }
}

function placesOf(schema: NormalizedSchema): MemberPlaces {
  const bound: Bound[] = [];
  const others: string[] = [];
  let payload: MemberPlaces['payload'];
  let statusMember: string | undefined;
  for (const [name, member] of schema.isStructSchema() ? schema.structIterator() : []) {
    const traits = member.getMergedTraits();
    if (traits.httpQueryParams !== undefined) {
      throw new Error(`${schema.getName(true)}.${name} has an HTTP binding that is not supported`);
    }
    if (traits.httpPayload !== undefined) payload = { name, schema: member };
    else if (traits.httpResponseCode !== undefined) statusMember = name;
    else if (traits.httpLabel !== undefined) bound.push({ name, schema: member });
    else if (traits.httpHeader !== undefined) bound.push({ name, schema: member, header: traits.httpHeader });
    else if (traits.httpPrefixHeaders !== undefined) {
      bound.push({ name, schema: member, prefix: traits.httpPrefixHeaders });
    } else if (traits.httpQuery !== undefined) bound.push({ name, schema: member, query: traits.httpQuery });
    else others.push(name);
  }
  return { bound, payload, statusMember, others };
}
