import type {
  DeleteDashboardsInput,
  GetDashboardInput,
  GetDashboardOutput,
  ListDashboardsInput,
  ListDashboardsOutput,
  PutDashboardInput,
  PutDashboardOutput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError, formatArn, page } from '../../../core';
import type { Clock } from '../../../clock';
import { checkDashboardBody } from './dashboard-body';
import { invalidNextToken, invalidParameterValue, missingParameter } from '../errors';
import { Tags } from '../tags';

interface StoredDashboard {
  readonly name: string;
  readonly arn: string;
  readonly body: string;
  readonly modifiedAt: number;
}

const LONGEST_NAME = 255;
const PAGE = 1_000;
const MOST_DELETED = 100;

/** The dashboards of an account, which all Regions share. */
export class Dashboards {
  public readonly tags: Tags;
  private readonly byName = new Map<string, StoredDashboard>();

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly account: string,
  ) {
    this.tags = new Tags(clock);
  }

  /** Creates a dashboard or replaces its body. Returns the body's warnings, and throws if it has errors. */
  public put({ DashboardName: name, DashboardBody: body, Tags: tags }: PutDashboardInput): PutDashboardOutput {
    if (!name) throw missingParameter('DashboardName');
    if (body === undefined) throw missingParameter('DashboardBody');
    if (name.length > LONGEST_NAME) {
      throw invalidParameterValue(
        `The value ${name} for field DashboardName is longer than ${LONGEST_NAME} characters.`,
      );
    }
    if (!/^[\w-]+$/.test(name)) {
      throw invalidParameterValue(
        `The value ${name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).`,
      );
    }
    const warnings = checkDashboardBody(body);
    const arn = formatArn('cloudwatch', '', this.account, `dashboard/${name}`);
    // The tags of an existing dashboard are changed only by TagResource.
    if (!this.byName.has(name)) this.tags.create(arn, tags);
    this.byName.set(name, { name, arn, body, modifiedAt: this.clock.now() });
    return { DashboardValidationMessages: warnings };
  }

  public get({ DashboardName: name }: GetDashboardInput): GetDashboardOutput {
    if (!name) throw missingParameter('DashboardName');
    const dashboard = this.byName.get(name);
    if (dashboard === undefined) throw notFound(name);
    return { DashboardName: name, DashboardArn: dashboard.arn, DashboardBody: dashboard.body };
  }

  public list({ DashboardNamePrefix: prefix = '', NextToken }: ListDashboardsInput): ListDashboardsOutput {
    const matching = [...this.byName.values()]
      .filter(({ name }) => name.startsWith(prefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, nextToken } = page(matching, PAGE, NextToken, invalidNextToken);
    return {
      DashboardEntries: items.map(({ name, arn, body, modifiedAt }) => ({
        DashboardName: name,
        DashboardArn: arn,
        LastModified: new Date(modifiedAt),
        Size: Buffer.byteLength(body),
      })),
      NextToken: nextToken,
    };
  }

  /** Deletes all of the named dashboards, or none if one does not exist. */
  public delete({ DashboardNames: names }: DeleteDashboardsInput): void {
    if (names === undefined || names.length === 0) throw missingParameter('DashboardNames');
    if (names.length > MOST_DELETED) {
      throw invalidParameterValue(`DashboardNames can have at most ${MOST_DELETED} names, got ${names.length}.`);
    }
    const unknown = names.find((name) => !this.byName.has(name));
    if (unknown !== undefined) throw notFound(unknown);
    for (const name of names) {
      this.tags.delete(this.byName.get(name)?.arn ?? '');
      this.byName.delete(name);
    }
  }
}

function notFound(name: string): AwsError {
  const details = { status: 404, queryCode: 'ResourceNotFound' };
  return new AwsError('DashboardNotFoundError', `Dashboard ${name} does not exist`, details);
}
