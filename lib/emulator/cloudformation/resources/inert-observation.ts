import type { Provider } from '../provider/contract';
import { inertProvider } from './inert';

const metadata = inertProvider({
  type: 'AWS::CDK::Metadata',
  create: (resource) => ({ ref: resource.name({ longest: 128 }), attributes: {} }),
});

/** Metadata on how an app was made: accepted and not acted on. */
export const observationProviders: readonly Provider[] = [metadata];
