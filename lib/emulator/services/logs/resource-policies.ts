import type {
  DeleteResourcePolicyRequest,
  DescribeResourcePoliciesRequest,
  DescribeResourcePoliciesResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  ResourcePolicy,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../../clock';
import { AwsError, ModelConstraints, page } from '../../core';
import { MalformedPolicy, readPolicy } from '../../core/policy';
import { invalidParameter, invalidToken, notFound } from './errors';
import { LIMITS } from './limits';
import { checkLimit } from './validation';

const LARGEST_PAGE = 50;

/** The resource policies of an account and Region: kept, and not evaluated. */
export class ResourcePolicies {
  private readonly policies = new Map<string, ResourcePolicy>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  public put(input: PutResourcePolicyRequest): PutResourcePolicyResponse {
    const { policyName = '', policyDocument } = input;
    if (input.resourceArn !== undefined) throw invalidParameter('resourceArn is not emulated: leave it out.');
    if (policyName === '') throw invalidParameter('policyName is required.');
    new ModelConstraints().length('policyDocument', policyDocument, 1, 5_120).check('InvalidParameterException');
    try {
      readPolicy(policyDocument ?? '');
    } catch (error) {
      if (!(error instanceof MalformedPolicy)) throw error;
      throw invalidParameter(`Invalid policy document: ${error.message}`);
    }
    if (!this.policies.has(policyName) && this.policies.size >= LIMITS.resourcePolicies) {
      throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    }
    const resourcePolicy = { policyName, policyDocument, lastUpdatedTime: this.clock.now() };
    this.policies.set(policyName, resourcePolicy);
    return { resourcePolicy };
  }

  public describe(input: DescribeResourcePoliciesRequest): DescribeResourcePoliciesResponse {
    checkLimit(input.limit, LARGEST_PAGE);
    const all = [...this.policies.values()];
    const { items, nextToken } = page(all, input.limit ?? LARGEST_PAGE, input.nextToken, invalidToken);
    return { resourcePolicies: items, ...(nextToken !== undefined && { nextToken }) };
  }

  public delete({ policyName = '' }: DeleteResourcePolicyRequest): void {
    if (!this.policies.delete(policyName)) throw notFound('Policy with name [' + policyName + '] does not exist.');
  }
}
