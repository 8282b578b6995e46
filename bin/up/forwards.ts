import type { Forward } from '../../lib/emulator';
import { UsageError } from '../command-line';
import { DEFAULT_PORT } from '../default-port';
import type { Values } from '../settings';
import type { UP_SETTINGS } from './settings';

const VARIABLE = /^AWS_ENDPOINT_URL_([A-Z0-9_]+)$/;

/**
 * The servers to forward to: those of the settings, and those that the shell's `AWS_ENDPOINT_URL_<SERVICE>` name. A
 * variable that leads to this local cloud itself is no forward.
 * @throws UsageError if a profile has no forward; Error if its credentials cannot be read
 */
export async function forwards({
  forward,
  forwardProfiles,
  port = DEFAULT_PORT,
}: Pick<Values<typeof UP_SETTINGS>, 'forward' | 'forwardProfiles' | 'port'>): Promise<Record<string, Forward>> {
  const found: Record<string, Forward> = {};
  for (const [name, endpoint = ''] of Object.entries(process.env)) {
    const service = VARIABLE.exec(name)?.[1];
    const isOurs = URL.canParse(endpoint) && /^http:\/\/(?:127\.|localhost[:/])/.test(endpoint);
    if (service === undefined || endpoint === '' || (isOurs && new URL(endpoint).port === String(port))) continue;
    found[service.toLowerCase()] = { endpoint };
  }
  for (const [service, endpoint] of Object.entries(forward)) found[service] = { endpoint };
  for (const [service, profile] of Object.entries(forwardProfiles)) {
    const { endpoint } = found[service] ?? {};
    if (endpoint === undefined) {
      throw new UsageError(`--forward-profile ${service}=${profile} requires --forward ${service}=<url>`);
    }
    found[service] = { endpoint, credentials: await credentialsOf(profile) };
  }
  return found;
}

/** The credentials of a profile, as an SDK client finds them. */
async function credentialsOf(profile: string): Promise<NonNullable<Forward['credentials']>> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({ profile, region: 'us-east-1' });
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
    return { accessKeyId, secretAccessKey, sessionToken };
  } finally {
    client.destroy();
  }
}
