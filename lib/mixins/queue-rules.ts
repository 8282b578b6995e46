import { Construct, type IConstruct, type IMixin } from 'constructs';
import { cover } from '../rules/coverage';

/**
 * Checks all queues in a scope when it is synthesized, whatever they were made with, along with what sends to them,
 * consumes and watches them: what AWS would refuse, and what would lose, repeat or hide messages, is reported together.
 * Errors fail the synthesis, warnings are annotations.
 *
 * @example
 * app.with(new mixins.QueueRules());
 */
export class QueueRules implements IMixin {
  /** Any construct: an app, a stage, a stack or a single queue. */
  public supports(construct: IConstruct): boolean {
    return Construct.isConstruct(construct);
  }

  /** Covers the construct and all that is below it, also what is added there later. */
  public applyTo(construct: IConstruct): void {
    cover(construct);
  }
}
