import { checkCount, count, subjectOf, verdict, type Verdict } from '../../../testing';
import { LocalGroup } from './local-group';

/** Matchers for Auto Scaling groups. */
export const matchers = {
  /** Of a group: this many instances are in service. */
  toHaveInService(received: unknown, instances: number): Verdict {
    const group = subjectOf(LocalGroup, received, 'toHaveInService', 'cloud.group(…)');
    checkCount('toHaveInService', 'instances', instances, 0);
    const states = () => group.instances.map(({ id, state }) => `${id} ${state}`).join(', ') || 'none';
    return verdict(
      group,
      group.inService === instances,
      () =>
        `${group.label} has ${count(group.inService, 'instance')} in service, expected ${instances} (${group.desired} desired); its instances: ${states()}`,
      () => `${group.label} was expected not to have ${count(instances, 'instance')} in service, and has`,
    );
  },
};
