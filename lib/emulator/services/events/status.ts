import type { Events } from './events';

/** A rule's state. */
export interface RuleStatus {
  readonly name: string;
  readonly bus: string;
  readonly enabled: boolean;
  /** How many targets it has. */
  readonly targets: number;
}

/** The rules of all buses, as `Emulator.status()` shows them. */
export function ruleStatus(service: Events): RuleStatus[] {
  return service
    .eventBuses()
    .flatMap((bus) => bus.rules())
    .map(({ name, busName, isEnabled, targets }) => ({
      name,
      bus: busName,
      enabled: isEnabled,
      targets: targets.size,
    }));
}
