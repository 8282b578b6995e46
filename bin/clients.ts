import type { Target } from './target';

/** The configuration of any SDK client. */
interface ClientConfig {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly profile?: string;
}

/** Where a resource is. */
export interface Place {
  readonly account: string;
  readonly region?: string;
}

/** The configuration of an SDK client for a target: for AWS, the SDK's own settings. */
export function clientConfig(target: Target, place: Place = target): ClientConfig {
  // Which Node version this is says nothing about the user's code.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { endpoint, profile } = target;
  const region = place.region ?? target.region;
  if (!target.isAws) return { endpoint, region, credentials: { accessKeyId: place.account, secretAccessKey: 'local' } };
  return { ...(endpoint && { endpoint }), ...(region && { region }), ...(profile && { profile }) };
}

/** Says on stderr which account and Region a command works on. A local cloud needs no warning. */
export async function announceAccount(target: Target): Promise<void> {
  if (!target.isAws) return;
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const sts = new STSClient(clientConfig(target));
  const { Account } = await sts.send(new GetCallerIdentityCommand());
  process.stderr.write(`AWS account ${Account}, ${await sts.config.region()}\n`);
  sts.destroy();
}
