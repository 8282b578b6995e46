import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Path } from './path';

/** What SET gives an attribute. */
export type SetValue =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: '+' | '-' | 'list_append'; readonly left: SetValue; readonly right: SetValue }
  | { readonly kind: 'if_not_exists'; readonly path: Path; readonly otherwise: SetValue };

/** One action of an update. */
export type UpdateAction =
  | { readonly kind: 'SET'; readonly path: Path; readonly value: SetValue }
  | { readonly kind: 'REMOVE'; readonly path: Path }
  | { readonly kind: 'ADD' | 'DELETE'; readonly path: Path; readonly value: AttributeValue };

/** A parsed update expression. */
export interface Update {
  readonly actions: readonly UpdateAction[];
  /** Whether it is `AttributeUpdates`, whose errors have words of their own. */
  readonly legacy?: boolean;
}
