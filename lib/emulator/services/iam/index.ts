import { defineService } from '../service-definition';
import { Iam } from './iam';
import { securityProviders } from './resources/identities';

export { Iam };

/** AWS Identity and Access Management: the identities in templates. Their policies are not evaluated. */
export const iam = defineService<'iam', Iam>({
  name: 'iam',
  resourceTypes: securityProviders,
  create: () => new Iam(),
});
