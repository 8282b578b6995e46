import type * as AutoScaling from '@aws-sdk/client-auto-scaling';

/**
 * The commands of EC2 Auto Scaling's client. Loaded when they are first needed: who works without a group need not have
 * that client, and bundles of handlers stay small.
 */
export async function autoScalingCommands(): Promise<typeof AutoScaling> {
  try {
    return await import('@aws-sdk/client-auto-scaling');
  } catch (cause) {
    throw new Error('a worker in an Auto Scaling group needs its client: npm install @aws-sdk/client-auto-scaling', {
      cause,
    });
  }
}
