import { Operation } from './operation';
import type { ProtocolBinding } from './protocol-binding';

/** A service that requests are routed to. */
export interface RoutedService {
  /** The service's name in the SDK: `cloudwatch`. */
  readonly name: string;
  readonly binding: ProtocolBinding;
  /**
   * Returns the service in an account and Region: an object with a method for each action, named in lowerCamelCase,
   * that takes `(input, context)`.
   */
  readonly resolve: (account: string, region: string) => object;
}

/** A bound service, with its operations by name. */
export class Service {
  public readonly name: string;
  public readonly binding: ProtocolBinding;
  public readonly resolve: RoutedService['resolve'];
  public readonly operations: ReadonlyMap<string, Operation>;

  constructor({ name, binding, resolve }: RoutedService) {
    this.name = name;
    this.binding = binding;
    this.resolve = resolve;
    const doubles = new Set(binding.doubles);
    this.operations = new Map(
      binding.operations.map((schema) => {
        const operation = new Operation(schema, doubles);
        return [operation.name, operation];
      }),
    );
  }

  /** The model's namespace, which error shapes are named in. */
  public get namespace(): string {
    return [...this.operations.values()][0]?.namespace ?? '';
  }
}
