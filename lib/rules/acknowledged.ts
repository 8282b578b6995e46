import { Aspects, CfnResource } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { RESOURCE_TYPES } from './catalogue/resource-types';
import { at } from './template/json';
import { type Resource } from './template/resource';

/** Where templates keep what was acknowledged: an object of reasons by rule id. */
const METADATA_KEY = 'cdk-spillway:acknowledged';

const reasons = new WeakMap<IConstruct, Map<string, string>>();

/** A rule that is broken on purpose. */
export interface RuleAcknowledgement {
  /** The rule's id, as the finding ends with it. */
  readonly id: string;

  /** Why it is in order here. Kept in the metadata of the template's resources. */
  readonly reason: string;
}

/**
 * Acknowledges rules that are broken on purpose: for the plugin, the mixin, and the constructs of this library that are
 * created below the scope afterwards.
 *
 * @example
 * RuleAcknowledgements.of(queue).add({
 *   id: 'Spillway-Redrive-SingleReceive',
 *   reason: 'a charge must never be tried twice',
 * });
 */
export class RuleAcknowledgements {
  /**
   * Of a construct and all that is below it, now and later. Aspects don't reach from an app into its stages: there,
   * acknowledge in each stage.
   */
  public static of(scope: IConstruct): RuleAcknowledgements {
    return new RuleAcknowledgements(scope);
  }

  private constructor(private readonly scope: IConstruct) {}

  /** Acknowledges a rule in this scope. */
  public add(acknowledgement: RuleAcknowledgement): void {
    const { id, reason } = acknowledgement;
    if (!/^Spillway(-[A-Za-z]+){2}$/.test(id)) {
      throw new Error(`id must be the id of a rule, such as Spillway-Queue-NameInvalid, but was '${id}'`);
    }
    if (reason.trim() === '') throw new Error(`reason must say why the rule is broken on purpose, but was '${reason}'`);
    const known = reasons.get(this.scope) ?? new Map<string, string>();
    reasons.set(this.scope, known.set(id, reason));
    Aspects.of(this.scope).add({
      visit: (node) => {
        if (!CfnResource.isCfnResource(node) || !RESOURCE_TYPES.has(node.cfnResourceType)) return;
        node.addMetadata(METADATA_KEY, { ...(node.getMetadata(METADATA_KEY) as object | undefined), [id]: reason });
      },
    });
  }
}

/** Whether a rule has been acknowledged for what is created in a scope. */
export function isAcknowledgedIn(scope: IConstruct, id: string): boolean {
  return scope.node.scopes.some((one) => reasons.get(one)?.has(id) === true);
}

/** Whether a rule has been acknowledged for a resource. */
export function isAcknowledged(resource: Resource, id: string): boolean {
  return at(resource.metadata(METADATA_KEY), id) !== undefined;
}
