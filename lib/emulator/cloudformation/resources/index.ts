import type { Provider } from '../provider/contract';
import { networkingProviders } from './inert-networking';
import { observationProviders } from './inert-observation';
import { cloudFormationStack } from './stack';

/** The resource types that the engine itself has: nested stacks, and those of which only the name is used. */
export const engineTypes: readonly Provider[] = [cloudFormationStack, ...networkingProviders, ...observationProviders];
