import { UserData } from 'aws-cdk-lib/aws-ec2';
import { type Duration } from 'aws-cdk-lib/core';
import { type Asset } from 'aws-cdk-lib/aws-s3-assets';
import { systemdUnit } from './systemd-unit';
import { type WorkerProgram } from './worker-program';

const PACKAGE_FILE = '/opt/spillway/worker.zip';
const PACKAGE_FOLDER = '/opt/spillway/worker';
const LAUNCH_SCRIPT = '/opt/spillway/launch';
const USER = 'spillway-worker';
const SERVICE = `${USER}.service`;
/** A worker that ends sooner has failed: systemd then ends the script, and the start is a failure. */
const TRIAL_SECONDS = 5;

/** The lifecycle hook that a starting instance waits in until its worker runs. */
export interface LaunchHook {
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
  /** What it tells whether its worker runs. */
  readonly launchHook: LaunchHook;
}

/** The script that installs the worker and has systemd keep it running. */
export function workerUserData(setup: WorkerSetup): UserData {
  const { description, worker, asset, environment, stopTimeout, launchHook } = setup;
  const userData = UserData.forLinux({ shebang: '#!/bin/bash' });
  userData.addCommands(
    'set -Eeuo pipefail',
    'mkdir -p /opt/spillway',
    ...launchScript(launchHook),
    `trap '${LAUNCH_SCRIPT} ABANDON' ERR`,
    `id -u ${USER} > /dev/null 2>&1 || useradd --system --home-dir /var/lib/${USER} --shell /sbin/nologin ${USER}`,
    ...worker._setup,
  );
  userData.addS3DownloadCommand({ bucket: asset.bucket, bucketKey: asset.s3ObjectKey, localFile: PACKAGE_FILE });
  userData.addCommands(`unzip -oq '${PACKAGE_FILE}' -d '${PACKAGE_FOLDER}'`, `chmod -R a+rX '${PACKAGE_FOLDER}'`);
  const unit = systemdUnit({
    description,
    workingDirectory: PACKAGE_FOLDER,
    environment,
    command: worker._command,
    afterStart: LAUNCH_SCRIPT,
    user: USER,
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
 * Ends the launch hook: with ABANDON if user data fails, and then the group replaces the instance, with CONTINUE once
 * the worker runs. That is after each start of the service, as an instance of a warm pool goes through the hook when it
 * enters the pool, which must not stop it before all of this has run, and again when it leaves. User data runs only the
 * first time. Later starts find no action to complete, which is no failure.
 */
function launchScript({ autoScalingGroupName, lifecycleHookName, region }: LaunchHook): string[] {
  const metadata = 'http://169.254.169.254/latest';
  return [
    `cat > ${LAUNCH_SCRIPT} <<'LAUNCH'`,
    '#!/bin/bash',
    'set -euo pipefail',
    'result="${1:-CONTINUE}"',
    `if [ "$result" = CONTINUE ]; then sleep ${TRIAL_SECONDS}; fi`,
    `token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${metadata}/api/token)`,
    `instance=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" ${metadata}/meta-data/instance-id)`,
    `aws autoscaling complete-lifecycle-action --region '${region}' --auto-scaling-group-name '${autoScalingGroupName}' --lifecycle-hook-name '${lifecycleHookName}' --instance-id "$instance" --lifecycle-action-result "$result"`,
    'LAUNCH',
    `chmod 755 ${LAUNCH_SCRIPT}`,
  ];
}
