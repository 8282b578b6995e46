import { AwsError, type RequestContext } from '../core';
import type { DeliveryLogs, TopicKeys } from '../services/sns';
import type { IntegratedRegion } from './index';

/** KMS as the topics of one account and Region use it: in the name of who publishes. */
export class KmsTopicKeys implements TopicKeys {
  constructor(private readonly region: IntegratedRegion<'kms'>) {}

  public use(keyId: string, topicArn: string, publisher: RequestContext): void {
    const { kms } = this.region.api;
    const { region } = this.region;
    const viaService = publisher.principal.startsWith('arn:') ? `sns.${region}.amazonaws.com` : undefined;
    const caller = { ...publisher, region, endpoint: `https://kms.${region}.amazonaws.com`, viaService };
    const EncryptionContext = { 'aws:sns:topicArn': topicArn };
    const { CiphertextBlob } = kms.generateDataKey({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext }, caller);
    kms.decrypt({ CiphertextBlob, EncryptionContext }, caller);
  }
}

/** The log groups to which SNS writes the delivery status of topics. */
export class TopicDeliveryLogs implements DeliveryLogs {
  private readonly streams = new Set<string>();

  constructor(private readonly place: IntegratedRegion<'logs'>) {}

  public write(logGroupName: string, message: string, at: number): void {
    const { logs } = this.place.api;
    const { account, region } = this.place;
    const principal = `arn:aws:sts::${account}:assumed-role/SNSFeedback/sns`;
    const caller = { account, region, principal, endpoint: '' };
    const logStreamName = 'deliveries';
    try {
      if (!this.streams.has(logGroupName)) {
        unlessThere(() => logs.createLogGroup({ logGroupName }, caller));
        unlessThere(() => logs.createLogStream({ logGroupName, logStreamName }, caller));
        this.streams.add(logGroupName);
      }
      logs.putLogEvents({ logGroupName, logStreamName, logEvents: [{ timestamp: at, message }] }, caller);
    } catch (error) {
      // A user has deleted the group: it is created again for the next line.
      if (!(error instanceof AwsError)) throw error;
      this.streams.delete(logGroupName);
    }
  }
}

function unlessThere(create: () => unknown): void {
  try {
    create();
  } catch (error) {
    if (!(error instanceof AwsError) || error.shape !== 'ResourceAlreadyExistsException') throw error;
  }
}
