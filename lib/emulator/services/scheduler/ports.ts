import { port, type RequestContext } from '../../core';

/** The API actions of all services, as universal targets call them. */
export interface UniversalTargets {
  /** Whether a service that is emulated has an action: `sqs`, `sendMessage`. */
  has(service: string, action: string): boolean;
  /**
   * Calls an action. Returns its output or a promise of it.
   * @param input the request as JSON; a member of bytes is text
   * @throws AwsError as the service refuses it
   */
  call(service: string, action: string, input: object, caller: RequestContext): unknown;
}

export const UNIVERSAL_TARGETS = port<UniversalTargets>('scheduler/universal-targets');

/**
 * Whether the trust policy of a role lets EventBridge Scheduler assume it for the schedules of a group; undefined if
 * there is no such role.
 */
export type RoleTrust = (roleArn: string, groupArn: string) => boolean | undefined;

export const ROLE_TRUST = port<RoleTrust>('scheduler/role-trust');
