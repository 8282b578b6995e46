import { port } from '../../core';
import type { SessionIssuer } from './session-credentials';

/** Where the credentials of sessions come from: one for all accounts and Regions. */
export const SESSIONS = port<SessionIssuer>('sts/sessions');
