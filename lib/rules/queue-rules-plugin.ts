import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type IPolicyValidationContextBeta1,
  type IPolicyValidationPluginBeta1,
  type PolicyValidationPluginReportBeta1,
} from 'aws-cdk-lib/core';
import { packageRoot } from '../package-root';
import { findingsIn, RULE_IDS } from './catalogue';
import { deploymentIn } from './template/from-files';

const { version, homepage } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as Record<
  'version' | 'homepage',
  string
>;

/** Properties of QueueRulesPlugin. */
export interface QueueRulesPluginProps {
  /**
   * Whether warnings fail the synthesis as errors do. CDK shows a plugin's findings only when it fails.
   *
   * @default false
   */
  readonly failOnWarnings?: boolean;
}

/**
 * Checks the synthesized templates of any CDK app, whatever its queues were made with, and reports all that AWS would
 * refuse, and all that would lose, repeat or hide messages.
 *
 * The same rules as a mixin: `mixins.QueueRules`, which also sees an app that is tested without being synthesized to
 * files. One of the two is enough.
 *
 * @example
 * new App({ policyValidationBeta1: [new QueueRulesPlugin()] });
 */
export class QueueRulesPlugin implements IPolicyValidationPluginBeta1 {
  /** The name that the report shows. */
  public readonly name = 'cdk-spillway';

  /** The version of this library. */
  public readonly version?: string = version;

  /** The ids of all rules. */
  public readonly ruleIds?: string[] = [...RULE_IDS];

  constructor(private readonly props: QueueRulesPluginProps = {}) {}

  /** Checks the templates; CDK calls this. */
  public validate(context: IPolicyValidationContextBeta1): PolicyValidationPluginReportBeta1 {
    const findings = findingsIn(deploymentIn(context.templatePaths));
    return {
      success: findings.every(({ severity }) => severity === 'warning' && this.props.failOnWarnings !== true),
      pluginVersion: version,
      violations: findings.map(({ id, severity, resource, property, text }) => ({
        ruleName: id,
        description: `${resource.path}: ${text}`,
        severity,
        fix: `${homepage}/blob/main/docs/rules.md#${id.toLowerCase()}`,
        violatingResources: [
          {
            resourceLogicalId: resource.logicalId,
            templatePath: resource.stack.file ?? '',
            locations: [`Properties/${property}`],
          },
        ],
      })),
    };
  }
}
