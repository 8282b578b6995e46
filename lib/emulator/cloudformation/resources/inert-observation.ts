import type { Provider } from '../provider/contract';
import { inertProvider } from './inert';

const metadata = inertProvider({
  type: 'AWS::CDK::Metadata',
  create: (resource) => ({ ref: resource.name({ longest: 128 }), attributes: {} }),
});

/** What shows how an app was made: accepted, and nothing comes of it. */
export const observationProviders: readonly Provider[] = [metadata];
