/**
 * The reference app: videos wait in a queue, EC2 workers encode them, a Lambda function catalogues the results.
 * Usually 10 videos wait; when suddenly 1,000 do, the workers grow from 1 to 8, and shrink again when all are done.
 *
 *   Videos ──▶ encoders (1–8 EC2 instances) ──▶ Encoded ──▶ catalogue (Lambda)
 *     └─▶ dead-letter queue: videos that failed three times
 */
import { join } from 'node:path';
import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { AutoScalingGroupConsumer, BacklogScaling, LambdaConsumer, StandardQueue, WorkerProgram } from '../lib';
import { packageRoot } from '../lib/package-root';

/** A bundle that `node scripts/build.mjs assets` has made of lambda/<name>/index.ts. */
const bundle = (name: string) => join(packageRoot(), 'dist/lambda', name);

export class VideoEncodingStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const encoded = new StandardQueue(this, 'Encoded', { consumers: [new LambdaConsumer(this.catalogue())] });

    const videos = new StandardQueue(this, 'Videos', { maxReceiveCount: 3 });
    const encoders = new AutoScalingGroupConsumer(this, 'Encoders', {
      vpc: this.network(),
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      worker: WorkerProgram.node(bundle('encoder')),
      environment: { RESULT_QUEUE_URL: encoded.queue.queueUrl },
      processingTime: Duration.minutes(1), // a video takes seconds; on a machine short of CPU, longer
      minCapacity: 1,
      maxCapacity: 8,
      scaling: BacklogScaling.steps(
        [
          { depth: 100, add: 2 },
          { depth: 300, add: 4 },
        ],
        { emptyFor: Duration.minutes(2), remove: 4 },
      ),
      instanceWarmup: Duration.minutes(1),
    });
    videos.addConsumer(encoders);
    encoded.grants.sendMessages(encoders);

    // The names by which `npm start` finds the queues.
    new CfnOutput(this, 'VideosQueueUrl', { value: videos.queue.queueUrl });
    new CfnOutput(this, 'VideosDeadLetterQueueUrl', { value: videos.deadLetterQueue.queueUrl });
    new CfnOutput(this, 'EncodedQueueUrl', { value: encoded.queue.queueUrl });
  }

  private catalogue(): Function {
    return new Function(this, 'Catalogue', {
      code: Code.fromAsset(bundle('catalogue')),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.minutes(1),
    });
  }

  /** No way in from the internet and none out: endpoints cost less than a NAT gateway, for all that workers need. */
  private network(): Vpc {
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.0.0.0/24'),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Workers', subnetType: SubnetType.PRIVATE_ISOLATED }],
    });
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 }); // the program, and Amazon Linux's packages
    vpc.addInterfaceEndpoint('Sqs', { service: InterfaceVpcEndpointAwsService.SQS });
    vpc.addInterfaceEndpoint('AutoScaling', { service: InterfaceVpcEndpointAwsService.AUTOSCALING });
    return vpc;
  }
}

if (require.main === module) new VideoEncodingStack(new App(), 'VideoEncoding');
