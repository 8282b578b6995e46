import { assumedRole } from '../../lib/emulator/core';
import { type Clock, Random, VirtualClock } from '../../lib/emulator/clock';
import { SessionIssuer, Sts } from '../../lib/emulator/services/sts';

/** What gives out the credentials of sessions. */
export const issuer = (clock: Clock = new VirtualClock()) => new SessionIssuer(clock, new Random(5));

/** STS, with credentials that nobody else knows. */
export const aloneSts = (clock: Clock = new VirtualClock()) => new Sts({ clock, sessions: issuer(clock) });

/** Role credentials for the compute hosts of tests. */
export function roleCredentials(account: string) {
  const sessions = issuer();
  return (role: string, sessionName: string) =>
    sessions.issue({ account, principal: assumedRole(account, role, sessionName) });
}
