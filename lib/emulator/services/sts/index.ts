import { AwsError } from '../../core';
import { defineService } from '../service-definition';
import { SESSIONS } from './ports';
import { protocol } from './protocol';
import { Sts } from './sts';

export * from './ports';
export * from './session-credentials';
export * from './sts';

/** AWS Security Token Service: who calls, and credentials of sessions. */
export const sts = defineService<'sts', Sts>({
  name: 'sts',
  protocol,
  errors: {
    throttled: () => new AwsError('Throttling', 'Rate exceeded'),
    internal: { shape: 'InternalFailure' },
  },
  create: ({ clock, use }) => new Sts({ clock, sessions: use(SESSIONS) }),
});
