import type { ContinuousBackupsDescription, UpdateContinuousBackupsInput } from '@aws-sdk/client-dynamodb';
import { DAY, MINUTE } from '../../../clock';
import type { Table } from '../table/table';
import { Violations } from '../violations';

const LONGEST_PERIOD = 35;
/** The last five minutes cannot be restored yet. */
const LAG = 5 * MINUTE;

/** What there is of a table's backups: the setting of point-in-time recovery. Nothing can be restored. */
export function continuousBackups({ settings }: Table, now: number): ContinuousBackupsDescription {
  const { recoverableSince: since, recoveryPeriodInDays: days = LONGEST_PERIOD } = settings;
  if (since === undefined) {
    return {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    };
  }
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: 'ENABLED',
      RecoveryPeriodInDays: days,
      EarliestRestorableDateTime: new Date(Math.max(since, now - days * DAY)),
      LatestRestorableDateTime: new Date(Math.max(since, now - LAG)),
    },
  };
}

export function updateContinuousBackups({ settings }: Table, input: UpdateContinuousBackupsInput, now: number): void {
  const { PointInTimeRecoverySpecification: specification } = input;
  const violations = new Violations();
  const where = 'pointInTimeRecoverySpecification';
  if (violations.required(where, specification)) {
    violations.required(`${where}.pointInTimeRecoveryEnabled`, specification.PointInTimeRecoveryEnabled);
    violations.range(`${where}.recoveryPeriodInDays`, specification.RecoveryPeriodInDays, 1, LONGEST_PERIOD);
  }
  violations.throwAny();
  const enabled = specification?.PointInTimeRecoveryEnabled === true;
  settings.recoverableSince = enabled ? (settings.recoverableSince ?? now) : undefined;
  settings.recoveryPeriodInDays = enabled ? specification.RecoveryPeriodInDays : undefined;
}
