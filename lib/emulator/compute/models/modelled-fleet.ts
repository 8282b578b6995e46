import { assumedRole } from '../../core';
import type { AutoScaling, Fleet, LaunchedInstance, WorkerModel } from '../../services/autoscaling';
import type { Clock, Random } from '../../clock';
import type { Sqs } from '../../services/sqs';
import type { WorkerFleet } from '../instance/worker-fleet';
import type { ComputeHost } from '../compute-host';
import { ModelledInstance } from './modelled-instance';
import { type CheckedWorkerModel, checkWorkerModel } from './worker-model';

/** Options of a {@link ModelledFleet}. */
export interface ModelledFleetOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly computeHost: Pick<ComputeHost, 'account' | 'region' | 'log'>;
  /** The services that modelled workers call; available once the first instance launches. */
  readonly services: () => { readonly sqs: Sqs; readonly autoScaling: AutoScaling };
  /** Returns the role of an instance; undefined if it has none. */
  readonly roleOf: (instanceId: string) => string | undefined;
  /** The fleet of groups without a model. */
  readonly unmodelled: WorkerFleet;
}

/** Instances that run their user data, unless their group has a model of its workers. */
export class ModelledFleet implements Fleet {
  private readonly models = new Map<string, CheckedWorkerModel>();
  private readonly instances = new Map<string, ModelledInstance>();

  constructor(private readonly options: ModelledFleetOptions) {}

  /**
   * Makes the instances that a group launches from now on run a modelled worker.
   * @throws RangeError, TypeError if the model is invalid
   */
  public model(groupName: string, model: WorkerModel): void {
    this.models.set(groupName, checkWorkerModel(model, this.options.random.fork(`models/${groupName}`)));
  }

  public launch(launched: LaunchedInstance): void {
    const { instanceId, groupName } = launched;
    const model = this.models.get(groupName);
    if (model === undefined) return this.options.unmodelled.launch(launched);
    const { clock, computeHost, services, roleOf } = this.options;
    const { account, region } = computeHost;
    // On AWS a program without a role could not call SQS. A modelled worker then uses its group's name.
    const principal = assumedRole(account, roleOf(instanceId) ?? groupName, instanceId);
    const instance = new ModelledInstance(
      {
        ...services(),
        clock,
        call: { account, region, principal, endpoint: `https://sqs.${region}.amazonaws.com` },
        report: (text) => computeHost.log({ source: instanceId, stream: 'stderr', text, at: clock.now() }),
      },
      model,
      instanceId,
      groupName,
    );
    this.instances.set(instanceId, instance);
    instance.start();
  }

  public leaving(instanceId: string): void {
    this.instances.get(instanceId)?.leaving();
  }

  public async terminate(instanceId: string): Promise<void> {
    const instance = this.instances.get(instanceId);
    if (instance === undefined) return this.options.unmodelled.terminate(instanceId);
    await instance.terminate();
    this.instances.delete(instanceId);
  }

  public async kill(instanceId: string): Promise<void> {
    const instance = this.instances.get(instanceId);
    if (instance === undefined) return this.options.unmodelled.kill(instanceId);
    instance.kill();
    this.instances.delete(instanceId);
  }

  /** Kills an instance's worker as `kill -9` does. It restarts as its unit says; a modelled one in 5 seconds. */
  public crash(instanceId: string): void {
    const instance = this.instances.get(instanceId);
    if (instance === undefined) this.options.unmodelled.crash(instanceId);
    else instance.crash();
  }

  /** Ends all instances. */
  public async stop(): Promise<void> {
    for (const instance of this.instances.values()) instance.kill();
    this.instances.clear();
    await this.options.unmodelled.stop();
  }
}
