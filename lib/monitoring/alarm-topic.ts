import { type AlarmActionConfig, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic } from 'aws-cdk-lib/aws-sns';
import { ArnFormat, Aspects, Stack } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';

/** What TopicBase calls the policy that it creates for the first statement. */
const POLICY = 'Policy';

/** Notifies a topic of alarms, and makes sure that the notices get there. */
export class AlarmTopic implements IAlarmAction {
  constructor(
    scope: Construct,
    private readonly topic: ITopic,
  ) {
    const stack = Stack.of(scope);
    const alarms = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const statement = (actions: string[], resource: string) =>
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions,
        resources: [resource],
        conditions: { ArnLike: { 'aws:SourceArn': alarms }, StringEquals: { 'aws:SourceAccount': stack.account } },
      });
    // CloudWatch publishes to an encrypted topic as itself, and says nothing when it can't.
    topic.masterKey?.addToResourcePolicy(statement(['kms:Decrypt', 'kms:GenerateDataKey*'], '*'));
    // SNS's default policy lets the account's alarms in; a policy of the topic's own replaces it. Whether there will be
    // one is known last: creating it here would shut out others that rely on the default.
    let granted = false;
    Aspects.of(scope).add({
      visit: (node) => {
        if (granted || node !== scope || topic.node.tryFindChild(POLICY) === undefined) return;
        granted = true;
        topic.addToResourcePolicy(statement(['sns:Publish'], topic.topicArn));
      },
    });
  }

  /** The topic's ARN is the action. */
  public bind(): AlarmActionConfig {
    return { alarmActionArn: this.topic.topicArn };
  }
}
