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
  /** The names of the operations of each target prefix. */
  private readonly targets: ReadonlyMap<string, ReadonlySet<string>>;

  constructor({ name, binding, resolve }: RoutedService) {
    this.name = name;
    this.binding = binding;
    this.resolve = resolve;
    const doubles = new Set(binding.doubles);
    const others = Object.values(binding.otherTargets ?? {}).flat();
    this.operations = new Map(
      [...binding.operations, ...others].map((schema) => {
        const operation = new Operation(schema, doubles);
        return [operation.name, operation];
      }),
    );
    const targets = Object.entries({ ...binding.otherTargets, [binding.targetPrefix]: binding.operations });
    this.targets = new Map(targets.map(([prefix, list]) => [prefix, new Set(list.map(([, , name]) => name))]));
  }

  /**
   * The action that `X-Amz-Target` names, whether or not the service has it; undefined if it is no target of the
   * service.
   */
  public actionOf(target: string): string | undefined {
    const dot = target.indexOf('.');
    const names = dot < 0 ? undefined : this.targets.get(target.slice(0, dot));
    if (names === undefined) return undefined;
    const action = target.slice(dot + 1);
    // An operation of another target is unknown by this one.
    return names.has(action) || !this.operations.has(action) ? action : target;
  }

  /** The model's namespace, which error shapes are named in. */
  public get namespace(): string {
    return [...this.operations.values()][0]?.namespace ?? '';
  }
}
