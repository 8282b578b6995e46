import { UserData } from 'aws-cdk-lib/aws-ec2';
import { type Duration } from 'aws-cdk-lib/core';
import { type Asset } from 'aws-cdk-lib/aws-s3-assets';
import { systemdUnit } from './systemd-unit';
import { type WorkerProgram } from './worker-program';

const PACKAGE_FILE = '/opt/spillway/worker.zip';
const PACKAGE_FOLDER = '/opt/spillway/worker';
const READY_SCRIPT = '/opt/spillway/ready';
const SERVICE = 'spillway-worker.service';

/** The lifecycle hook that a starting instance waits in until its worker runs. */
export interface BootHook {
  /** Whose hook it is. */
  readonly autoScalingGroupName: string;
  /** Which of its hooks. */
  readonly lifecycleHookName: string;
  /** Where. */
  readonly region: string;
}

/** What an instance does when it starts for the first time. */
export interface WorkerSetup {
  /** What `systemctl status` shows. */
  readonly description: string;
  /** What to run. */
  readonly worker: WorkerProgram;
  /** Its package. */
  readonly asset: Asset;
  /** Its variables. */
  readonly environment: Record<string, string>;
  /** How long it may take to stop. */
  readonly stopTimeout: Duration;
  /** Only for groups with a warm pool. */
  readonly bootHook?: BootHook;
}

/** The script that installs the worker and has systemd keep it running. */
export function workerUserData(setup: WorkerSetup): UserData {
  const { description, worker, asset, environment, stopTimeout, bootHook } = setup;
  const userData = UserData.forLinux({ shebang: '#!/bin/bash' });
  userData.addCommands('set -euo pipefail', ...worker._setup);
  userData.addS3DownloadCommand({ bucket: asset.bucket, bucketKey: asset.s3ObjectKey, localFile: PACKAGE_FILE });
  userData.addCommands(`unzip -oq '${PACKAGE_FILE}' -d '${PACKAGE_FOLDER}'`);
  if (bootHook !== undefined) userData.addCommands(...readyScript(bootHook));
  const unit = systemdUnit({
    description,
    workingDirectory: PACKAGE_FOLDER,
    environment,
    command: worker._command,
    afterStart: bootHook === undefined ? undefined : READY_SCRIPT,
    stopTimeout,
  });
  userData.addCommands(
    `cat > /etc/systemd/system/${SERVICE} <<'UNIT'`,
    ...unit,
    'UNIT',
    'systemctl daemon-reload',
    `systemctl enable --now ${SERVICE}`,
  );
  return userData;
}

/**
 * Ends the launching hook, at every boot: an instance of a warm pool goes through the hook when it enters the pool,
 * which must not stop it before all of this has run, and again when it leaves. User data runs only the first time.
 */
function readyScript({ autoScalingGroupName, lifecycleHookName, region }: BootHook): string[] {
  const metadata = 'http://169.254.169.254/latest';
  return [
    `cat > ${READY_SCRIPT} <<'READY'`,
    '#!/bin/bash',
    'set -euo pipefail',
    `token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${metadata}/api/token)`,
    `instance=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" ${metadata}/meta-data/instance-id)`,
    `aws autoscaling complete-lifecycle-action --region '${region}' --auto-scaling-group-name '${autoScalingGroupName}' --lifecycle-hook-name '${lifecycleHookName}' --instance-id "$instance" --lifecycle-action-result CONTINUE`,
    'READY',
    `chmod +x ${READY_SCRIPT}`,
  ];
}
