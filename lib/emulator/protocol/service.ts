import { Operation } from './operation';
import type { ProtocolBinding } from './service-binding';

/** A bound service with its operations at hand by name. */
export class Service {
  public readonly operations: ReadonlyMap<string, Operation>;

  constructor(public readonly binding: ProtocolBinding) {
    const doubles = new Set(binding.doubles);
    this.operations = new Map(
      binding.operations.map((schema) => {
        const operation = new Operation(schema, doubles);
        return [operation.name, operation];
      }),
    );
  }

  /** The model's namespace; error shapes are named in it. */
  public get namespace(): string {
    return [...this.operations.values()][0]?.namespace ?? '';
  }
}
