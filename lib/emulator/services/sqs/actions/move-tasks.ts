import type {
  CancelMessageMoveTaskRequest,
  CancelMessageMoveTaskResult,
  ListMessageMoveTasksRequest,
  ListMessageMoveTasksResult,
  StartMessageMoveTaskRequest,
  StartMessageMoveTaskResult,
} from '@aws-sdk/client-sqs';
import type { RequestContext } from '../../../core';
import type { Random } from '../../../clock';
import type { Authorization } from '../authorization';
import { invalidParameterValue, invalidValue, moveResourceNotFound, moveTaskNotFound, overLimit } from '../errors';
import { type MoveContext, MoveTask, readHandle } from './move-task';
import type { Queue } from '../queue/queue';
import { resend } from './sending';
import { required } from './validation';

const FASTEST = 500;
/** The permissions that starting a task requires on the source queue. Each destination requires SendMessage. */
const NEEDED = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
/** The number of tasks that are listed, and so remembered, per source queue. */
const MOST_LISTED = 10;

/** The collaborators and settings of {@link MoveTasks}. */
export interface MoveTasksContext extends Omit<MoveContext, 'resend'> {
  readonly random: Random;
  /** Whether any queue's redrive policy names this queue. */
  readonly isDeadLetterQueue: (arn: string) => boolean;
  readonly authorization: Authorization;
}

/** The message move tasks of an account and Region: those that run, and the latest of each source queue. */
export class MoveTasks {
  /** By the source queue's ARN, latest first. */
  private readonly bySource = new Map<string, MoveTask[]>();

  constructor(private readonly context: MoveTasksContext) {}

  public start(input: StartMessageMoveTaskRequest, context: RequestContext): StartMessageMoveTaskResult {
    const { authorization, random, limits } = this.context;
    const sourceArn = required(input.SourceArn, 'SourceArn');
    const { DestinationArn: destinationArn, MaxNumberOfMessagesPerSecond: rate } = input;
    const source = this.existing(sourceArn, 'SourceArn');
    for (const action of NEEDED) authorization.check(source, action, context);
    if (destinationArn !== undefined) {
      const destination = this.existing(destinationArn, 'DestinationArn');
      if (destination === source) {
        throw invalidValue('DestinationArn', destinationArn, 'The destination queue must not be the source queue.');
      }
      if (destination.fifo !== source.fifo) {
        throw invalidValue(
          'DestinationArn',
          destinationArn,
          'The destination queue must be of the same type as the source queue.',
        );
      }
    }
    if (rate !== undefined && !(Number.isInteger(rate) && rate >= 1 && rate <= FASTEST)) {
      throw invalidValue('MaxNumberOfMessagesPerSecond', rate, `Must be between 1 and ${FASTEST}, if provided.`);
    }
    if (!this.context.isDeadLetterQueue(sourceArn)) {
      throw invalidParameterValue('Source queue must be configured as a Dead Letter Queue.');
    }
    const tasks = this.bySource.get(sourceArn) ?? [];
    if (tasks.some(({ active }) => active)) {
      throw invalidParameterValue(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    if (this.countActive() >= limits.moveTasks) {
      throw overLimit(`At most ${limits.moveTasks} message move tasks may be active in an account.`);
    }
    const task = new MoveTask(random.uuid(), { sourceArn, destinationArn, rate }, source, {
      ...this.context,
      resend: (message, from, target) => {
        authorization.check(target, 'SendMessage', context);
        resend(message, from, target, context);
      },
    });
    this.bySource.set(sourceArn, [task, ...tasks].slice(0, MOST_LISTED));
    return { TaskHandle: task.handle };
  }

  public list(input: ListMessageMoveTasksRequest, context: RequestContext): ListMessageMoveTasksResult {
    const sourceArn = required(input.SourceArn, 'SourceArn');
    const { MaxResults: most = 1 } = input;
    if (!(Number.isInteger(most) && most >= 1 && most <= MOST_LISTED)) {
      throw invalidValue('MaxResults', most, `Must be between 1 and ${MOST_LISTED}, if provided.`);
    }
    this.context.authorization.check(this.existing(sourceArn, 'SourceArn'), 'ListMessageMoveTasks', context);
    const tasks = this.bySource.get(sourceArn) ?? [];
    return tasks.length === 0 ? {} : { Results: tasks.slice(0, most).map((task) => task.describe()) };
  }

  public cancel(input: CancelMessageMoveTaskRequest, context: RequestContext): CancelMessageMoveTaskResult {
    const named = readHandle(required(input.TaskHandle, 'TaskHandle'));
    if (named === undefined) throw invalidParameterValue('Value for parameter TaskHandle is invalid.');
    const source = this.existing(named.sourceArn, 'SourceArn');
    this.context.authorization.check(source, 'CancelMessageMoveTask', context);
    const task = this.bySource.get(named.sourceArn)?.find(({ id }) => id === named.taskId);
    if (!task?.running) throw moveTaskNotFound();
    task.cancel();
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }

  /** Stops and forgets the tasks of a deleted queue. */
  public forget(sourceArn: string): void {
    for (const task of this.bySource.get(sourceArn) ?? []) task.stop();
    this.bySource.delete(sourceArn);
  }

  private existing(arn: string, parameter: string): Queue {
    const queue = this.context.find(arn);
    if (queue === undefined) throw moveResourceNotFound(parameter);
    queue.metrics.touch(this.context.clock.now());
    return queue;
  }

  private countActive(): number {
    let count = 0;
    for (const tasks of this.bySource.values()) if (tasks.some(({ active }) => active)) count++;
    return count;
  }
}
