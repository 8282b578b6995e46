import { Aspects, type App, CfnResource } from 'aws-cdk-lib/core';
import * as nag from 'cdk-nag';
import { type IConstruct } from 'constructs';
import * as spillway from '../../lib';
import { SURROUNDINGS } from './stacks';

/** A rule that a resource does not follow: the rule, which of our constructs made it, and what it is. */
export interface Finding {
  readonly rule: string;
  readonly construct: string;
  readonly resource: string;
}

/** The packs of cdk-nag 3, which are no aspects any more. */
interface ScopeValidator {
  validateScope?(scope: IConstruct): {
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingResources: readonly { readonly constructPath: string }[];
    }[];
  };
}

const PACKS = [nag.AwsSolutionsChecks, nag.NIST80053R5Checks, nag.HIPAASecurityChecks];
const OURS = Object.values(spillway).filter((value): value is typeof spillway.StandardQueue => {
  return typeof value === 'function';
});

/** What cdk-nag has against our constructs in an app, and against the permissions that they give to others. */
export function findings(app: App): Finding[] {
  const found: Finding[] = [];
  const add = (rule: string, node: IConstruct): void => {
    if (!CfnResource.isCfnResource(node)) throw new Error(`${rule} is about ${node.node.path}, which is no resource`);
    const foreign = node.node.scopes.some(({ node: { id } }) => id === SURROUNDINGS);
    if (foreign && node.cfnResourceType !== 'AWS::IAM::Policy') return;
    found.push({ rule: general(rule), construct: maker(node), resource: node.cfnResourceType });
  };
  const byRule = ({ ruleId, findingId, resource }: nag.NagLoggerNonComplianceData) =>
    add(findingId === '' ? ruleId : `${ruleId}[${findingId}]`, resource);
  const additionalLoggers: nag.INagLogger[] = [
    {
      onCompliance: () => {},
      onNonCompliance: byRule,
      onSuppressed: () => {},
      onError: ({ ruleId, resource }) => add(ruleId, resource), // it could not judge: a value is known at deployment only
      onSuppressedError: () => {},
      onNotApplicable: () => {},
    },
  ];
  const packs = PACKS.map((Pack) => new Pack({ reports: false, additionalLoggers }) as nag.NagPack & ScopeValidator);
  for (const pack of packs) if (pack.validateScope === undefined) Aspects.of(app).add(pack);
  app.synth();
  for (const { ruleName, violatingResources } of packs.flatMap((pack) => pack.validateScope?.(app).violations ?? [])) {
    for (const { constructPath } of violatingResources) add(ruleName, at(app, constructPath));
  }
  return found;
}

/** The same for every stack, without names and references; and the same for both packs that have the rule. */
function general(rule: string): string {
  return rule
    .replace(/^(NIST\.800\.53\.R5|HIPAA\.Security)-/, '')
    .replace(/<[^>]*>/g, '…')
    .replace(/(autoScalingGroupName\/).*(?=\])/, '$1…')
    .replace(/…(:…)+/g, '…')
    .replace(/(assets-)…-…/, '$1…');
}

function maker(node: IConstruct): string {
  const ours = [...node.node.scopes].reverse().find((scope) => OURS.some((type) => scope instanceof type));
  return ours?.constructor.name ?? '–';
}

function at(app: App, path: string): IConstruct {
  return path.split('/').reduce<IConstruct>((scope, id) => scope.node.findChild(id), app);
}
