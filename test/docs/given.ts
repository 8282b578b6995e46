import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, type Stack } from 'aws-cdk-lib/core';
import { StandardQueue } from '../../lib';

/** What an example finds around it without saying so. Made when it is asked for. */
export class Given {
  constructor(private readonly stack: Stack) {}

  get app(): App {
    if (!(this.stack.node.root instanceof App)) throw new Error('the stack is in no app');
    return this.stack.node.root;
  }

  get vpc(): Vpc {
    return new Vpc(this.stack, 'Vpc', { natGateways: 1 });
  }

  get handler(): Function {
    return this.function('Handler');
  }

  get catalogue(): Function {
    return this.function('Catalogue');
  }

  get api(): Function {
    return this.function('Api');
  }

  get operators(): Role {
    return new Role(this.stack, 'Operators', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  }

  get pager(): Topic {
    return new Topic(this.stack, 'Pager');
  }

  get onCall(): Topic {
    return new Topic(this.stack, 'OnCall');
  }

  get uploads(): Bucket {
    return new Bucket(this.stack, 'Uploads');
  }

  get orderPlaced(): Rule {
    return new Rule(this.stack, 'OrderPlaced', { eventPattern: { source: ['orders'] } });
  }

  get queue(): Queue {
    return new Queue(this.stack, 'Queue', { enforceSSL: true });
  }

  get charges(): StandardQueue {
    return new StandardQueue(this.stack, 'Charges');
  }

  private function(id: string): Function {
    return new Function(this.stack, id, {
      code: Code.fromInline('exports.handler = () => {}'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
    });
  }
}

/** Of the code in handlers and workers: what is left to the reader. */
export type Work = (message: unknown) => Promise<void>;
