import { LATEST, type FunctionSpec } from '../../services/lambda';
import type { EnvironmentPool } from './environment-pool';
import type { ExecutionEnvironment } from './execution-environment';

/** The environments of all functions, with a pool for each version. */
export class FunctionPools<E extends ExecutionEnvironment> {
  private readonly pools = new Map<string, Map<string, EnvironmentPool<E>>>();
  /** Pools of earlier code, in which invocations may still be running. */
  private readonly retired = new Map<string, EnvironmentPool<E>[]>();

  constructor(private readonly create: (fn: FunctionSpec) => EnvironmentPool<E>) {}

  public of(fn: FunctionSpec): EnvironmentPool<E> {
    const { functionName, version = LATEST } = fn;
    let versions = this.pools.get(functionName);
    if (versions === undefined) this.pools.set(functionName, (versions = new Map<string, EnvironmentPool<E>>()));
    let pool = versions.get(version);
    if (pool === undefined) versions.set(version, (pool = this.create(fn)));
    return pool;
  }

  /** All environments of a function, idle or not. */
  public environments(functionName: string): E[] {
    return this.all(functionName).flatMap(({ environments }) => environments);
  }

  /**
   * Called when the unpublished version changes: further invocations get new environments.
   * @param drained called once all earlier environments have ended
   */
  public async retire(functionName: string, drained: () => void): Promise<void> {
    const pool = this.pools.get(functionName)?.get(LATEST);
    if (pool === undefined) return drained();
    this.pools.get(functionName)?.delete(LATEST);
    await pool.retire(drained);
    const retired = this.retired.get(functionName) ?? [];
    this.retired.set(
      functionName,
      [...retired, pool].filter(({ environments }) => environments.length > 0),
    );
  }

  /** Ends all environments of a function, or of all functions. */
  public async close(functionName?: string): Promise<void> {
    const names = functionName === undefined ? [...this.pools.keys(), ...this.retired.keys()] : [functionName];
    const pools = new Set(names.flatMap((name) => this.all(name)));
    for (const name of names) {
      this.pools.delete(name);
      this.retired.delete(name);
    }
    await Promise.all([...pools].map((pool) => pool.close()));
  }

  private all(functionName: string): EnvironmentPool<E>[] {
    return [...(this.pools.get(functionName)?.values() ?? []), ...(this.retired.get(functionName) ?? [])];
  }
}
