/** A metric math expression, parsed. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'reference'; readonly id: string }
  | { readonly kind: 'array'; readonly elements: readonly Expression[] }
  | { readonly kind: 'negation'; readonly operand: Expression }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Expression[] };

export type Operator = '+' | '-' | '*' | '/' | '^' | '==' | '!=' | '<' | '>' | '<=' | '>=' | 'AND' | 'OR';

/** An invalid expression. */
export class MathError extends Error {}

/** The ids that an expression refers to. */
export function references(expression: Expression): Set<string> {
  const ids = new Set<string>();
  const visit = (node: Expression): void => {
    switch (node.kind) {
      case 'reference':
        ids.add(node.id);
        break;
      case 'array':
        node.elements.forEach(visit);
        break;
      case 'negation':
        visit(node.operand);
        break;
      case 'operation':
        visit(node.left);
        visit(node.right);
        break;
      case 'call':
        node.operands.forEach(visit);
        break;
      case 'number':
      case 'text':
        break;
    }
  };
  visit(expression);
  return ids;
}
