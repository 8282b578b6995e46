import { type RecordStart, resourceKind, type ServiceTesting } from '../../../testing';
import type { DynamoDb } from '../dynamodb';
import { LocalTable } from './local-table';
import { matchers } from './matchers';
import { TableRecord, type TableWrite } from './table-record';

const kinds = {
  /**
   * Returns a DynamoDB table.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  table: resourceKind({
    name: 'DynamoDB table',
    types: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
    held: ['table'],
    importedBy: 'tableArn',
    exists: (service: DynamoDb, name) => service.hasTable(name),
    handle: LocalTable,
    record: (start: RecordStart) => new TableRecord(start),
  }),
};

const WRITES: Readonly<Record<string, TableWrite['kind']>> = {
  'dynamodb.put': 'put',
  'dynamodb.updated': 'updated',
  'dynamodb.deleted': 'deleted',
  'dynamodb.expired': 'expired',
};

/** What tests get of DynamoDB. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = {
  kinds,
  matchers,
  take(event, recording) {
    const { at, kind, subject, place, detail } = event;
    const write = WRITES[kind];
    if (write !== undefined) {
      recording.of(kinds.table, place, subject).written({ at, kind: write, key: String(detail.key) });
    }
    if (kind === 'dynamodb.throttled') recording.note(event, `throttled ${detail.operation}`);
    return undefined;
  },
};
