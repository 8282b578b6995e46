import type { CloudWatchClientConfig } from '@aws-sdk/client-cloudwatch';

/** What makes a client of CloudWatch speak a protocol. */
export async function protocolConfig(name: string): Promise<Partial<CloudWatchClientConfig>> {
  const protocols = await import('@aws-sdk/core/protocols');
  const { SmithyRpcV2CborProtocol } = await import('@smithy/core/cbor');
  switch (name) {
    case 'awsQuery':
      return { protocol: protocols.AwsQueryProtocol };
    case 'rpcV2Cbor':
      return { protocol: SmithyRpcV2CborProtocol };
    default:
      return {};
  }
}
