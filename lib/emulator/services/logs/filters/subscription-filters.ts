import type {
  DeleteSubscriptionFilterRequest,
  DescribeSubscriptionFiltersRequest,
  DescribeSubscriptionFiltersResponse,
  PutSubscriptionFilterRequest,
  SubscriptionFilter as SubscriptionFilterDescription,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../../../clock';
import { AwsError, ModelConstraints, page, parseArn, type RequestContext } from '../../../core';
import type { Timeline } from '../../../timeline';
import { invalidParameter, invalidToken, limitExceeded, notFound } from '../errors';
import type { LogGroup } from '../groups/log-group';
import type { LogStore } from '../groups/log-store';
import { LIMITS } from '../limits';
import { readPattern } from '../patterns/filter-pattern';
import type { LogDestinations } from '../ports';
import { checkLimit, checkNames } from '../validation';
import { checkRegexes } from './regex-quota';
import { SubscriptionFilter, type SubscriptionMessage, type SubscriptionSettings } from './subscription-filter';

const LARGEST_PAGE = 50;

/** The collaborators of subscription filters. */
export interface SubscriptionFiltersDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly destinations: () => LogDestinations;
  /** As whom a log group calls its destinations. */
  readonly callerOf: (logGroup: string) => RequestContext;
  /** Hands a message to a destination. Throws AWS's error if it is refused. */
  readonly send: (settings: SubscriptionSettings, message: SubscriptionMessage) => void;
}

/** The subscription filters of all log groups. */
export class SubscriptionFilters {
  constructor(
    private readonly store: LogStore,
    private readonly dependencies: SubscriptionFiltersDependencies,
  ) {}

  public put(input: PutSubscriptionFilterRequest, context: RequestContext): void {
    const { logGroupName, filterName = '', filterPattern = '', destinationArn = '', roleArn, distribution } = input;
    checkNames({ logGroupName, filterName });
    new ModelConstraints()
      .length('destinationArn', destinationArn, 1, Infinity)
      .length('roleArn', roleArn, 1, Infinity)
      .oneOf('distribution', distribution, ['Random', 'ByLogStream'])
      .check('InvalidParameterException');
    const pattern = readPattern(filterPattern);
    const { clock, timeline, account, send } = this.dependencies;
    const service = this.checkDestination(input, context);
    const group = this.store.find(logGroupName);
    if (group.logClass !== 'STANDARD') {
      throw invalidParameter(`Subscription filters are not supported for log groups of the class ${group.logClass}.`);
    }
    const previous = group.subscriptionFilters.get(filterName);
    const others = group.subscriptionFilters.size - (previous === undefined ? 0 : 1);
    if (others >= LIMITS.subscriptionFiltersPerGroup) throw limitExceeded();
    checkRegexes(group, pattern, filterName, 'subscription');
    const settings: SubscriptionSettings = {
      name: filterName,
      logGroup: group.name,
      patternText: filterPattern,
      pattern,
      destinationArn,
      ...(roleArn !== undefined && { roleArn }),
      distribution: distribution ?? 'ByLogStream',
      creationTime: clock.now(),
    };
    if (service === 'kinesis') this.sendTest(settings);
    previous?.stop();
    const told = (_settings: SubscriptionSettings, events: number, error?: AwsError) => {
      const detail = { filter: filterName, destination: destinationArn, events };
      if (error === undefined) timeline.record('logs.delivered', group.name, detail);
      else timeline.record('logs.delivery-failed', group.name, { ...detail, error: error.shape });
    };
    group.subscriptionFilters.set(filterName, new SubscriptionFilter(settings, { clock, account, send, told }));
  }

  public describe(input: DescribeSubscriptionFiltersRequest): DescribeSubscriptionFiltersResponse {
    const { logGroupName, filterNamePrefix = '', nextToken } = input;
    checkNames({ logGroupName });
    checkLimit(input.limit, LARGEST_PAGE);
    const group = this.store.find(logGroupName);
    const all = [...group.subscriptionFilters.values()]
      .filter(({ settings }) => settings.name.startsWith(filterNamePrefix))
      .sort((a, b) => (a.settings.name < b.settings.name ? -1 : 1));
    const { items, nextToken: next } = page(all, input.limit ?? LARGEST_PAGE, nextToken, invalidToken);
    return {
      subscriptionFilters: items.map((filter) => describe(group, filter)),
      ...(next !== undefined && { nextToken: next }),
    };
  }

  public delete({ logGroupName, filterName = '' }: DeleteSubscriptionFilterRequest): void {
    checkNames({ logGroupName, filterName });
    const group = this.store.find(logGroupName);
    const filter = group.subscriptionFilters.get(filterName);
    if (filter === undefined) throw notFound('The specified subscription filter does not exist.');
    filter.stop();
    group.subscriptionFilters.delete(filterName);
  }

  /** Returns the destination's service. As on AWS, the destination is checked before the log group. */
  private checkDestination(input: PutSubscriptionFilterRequest, context: RequestContext): string {
    const { destinationArn = '', logGroupName = '', roleArn } = input;
    const arn = parseArn(destinationArn);
    switch (arn?.service) {
      case 'lambda':
        this.checkFunction(destinationArn, logGroupName, context);
        return 'lambda';
      case 'kinesis':
        if (roleArn !== undefined) return 'kinesis';
        throw invalidParameter('destinationArn for vendor kinesis cannot be used without roleArn');
      default:
        throw invalidParameter(`Subscriptions to ${destinationArn} are not emulated: use a function or a stream.`);
    }
  }

  private checkFunction(functionArn: string, logGroup: string, { account }: RequestContext): void {
    const { destinations, callerOf } = this.dependencies;
    const isOurs = parseArn(functionArn)?.account === account;
    const state = isOurs ? destinations().checkFunction(functionArn, callerOf(logGroup)) : 'missing';
    if (state === 'denied') {
      throw invalidParameter(
        'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your ' +
          'function.',
      );
    }
    if (state === 'ready') return;
    throw new AwsError(
      'AccessDeniedException',
      'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross ' +
        'account lambda triggers.',
    );
  }

  private sendTest(settings: SubscriptionSettings): void {
    const text = 'CWL CONTROL MESSAGE: Checking health of destination Kinesis';
    try {
      this.dependencies.send(settings, {
        messageType: 'CONTROL_MESSAGE',
        owner: 'CloudwatchLogs',
        logGroup: '',
        logStream: '',
        subscriptionFilters: [],
        logEvents: [{ id: '', timestamp: this.dependencies.clock.now(), message: text }],
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw invalidParameter(
        'Could not deliver test message to specified Kinesis stream. Check if the given kinesis stream is in ACTIVE state. ',
      );
    }
  }
}

function describe(group: LogGroup, { settings }: SubscriptionFilter): SubscriptionFilterDescription {
  const { name, patternText, destinationArn, roleArn, distribution, creationTime } = settings;
  return {
    filterName: name,
    logGroupName: group.name,
    filterPattern: patternText,
    destinationArn,
    ...(roleArn !== undefined && { roleArn }),
    distribution,
    creationTime,
    applyOnTransformedLogs: false,
  };
}
