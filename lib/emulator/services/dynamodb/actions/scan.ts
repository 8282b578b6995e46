import type { ScanInput, ScanOutput } from '@aws-sdk/client-dynamodb';
import { validation } from '../errors';
import { conditionOfTests } from '../expressions/legacy';
import { checkExpressionParameters, parseExpressions } from '../expressions/request-expressions';
import { LIMITS } from '../limits';
import { HASHES } from '../table/keys';
import { checkTableName, Violations } from '../violations';
import type { Database } from './database';
import {
  checkPageMembers,
  checkTests,
  checkPaths,
  checkSelect,
  readPage,
  sourceOf,
  startOf,
  storedStartKey,
} from './pages';
import { checkDistinctNames } from './reading';

export function scan(database: Database, input: ScanInput): ScanOutput {
  checkScan(input);
  checkExpressionParameters(input, ['ProjectionExpression', 'FilterExpression']);
  checkDistinctNames(input.AttributesToGet);
  const startKey = storedStartKey(input.ExclusiveStartKey);
  const { from, to } = segmentOf(input);
  const { filter = conditionOfTests(input.ScanFilter, input.ConditionalOperator), projection } =
    parseExpressions(input);
  checkSelect(input);
  const source = sourceOf(database.tables.of(input.TableName), input);
  const wanted = { filter, paths: projection ?? input.AttributesToGet?.map((name) => [name] as const) };
  const start = startOf(source, startKey);
  if (start !== undefined && (start.hash < from || start.hash >= to)) {
    throw validation(
      `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${input.TotalSegments} Segment: ${input.Segment}`,
    );
  }
  checkPaths(source, wanted);
  return readPage(database, 'Scan', input, source, wanted, source.entries.scan(from, to, start));
}

function checkScan(input: ScanInput): void {
  checkTableName(input.TableName);
  const violations = new Violations();
  checkPageMembers(violations, input);
  checkTests(violations, 'scanFilter', input.ScanFilter);
  violations.range('limit', input.Limit, 1);
  violations.range('segment', input.Segment, 0, LIMITS.segments - 1);
  violations.range('totalSegments', input.TotalSegments, 1, LIMITS.segments);
  violations.throwAny();
}

/** The hashes of a segment of a parallel scan. */
function segmentOf({ Segment, TotalSegments }: ScanInput): { readonly from: number; readonly to: number } {
  if (Segment === undefined && TotalSegments === undefined) return { from: 0, to: HASHES };
  if (TotalSegments === undefined) {
    throw validation(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (Segment === undefined) {
    throw validation(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  }
  if (Segment >= TotalSegments) {
    throw validation(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    );
  }
  const start = (segment: number) => Math.ceil((HASHES * segment) / TotalSegments);
  return { from: start(Segment), to: start(Segment + 1) };
}
