/** User data, in base64, that unpacks the asset `s3://assets/worker.zip` and runs `command` in it as a service. */
export function workerUserData(command: string, ...service: string[]): string {
  const lines = [
    '#!/bin/bash',
    'set -euo pipefail',
    "aws s3 cp 's3://assets/worker.zip' '/opt/worker.zip'",
    "unzip -oq '/opt/worker.zip' -d '/opt/worker'",
    "cat > /etc/systemd/system/worker.service <<'UNIT'",
    '[Service]',
    'WorkingDirectory=/opt/worker',
    `ExecStart=${command}`,
    ...service,
    'UNIT',
    'systemctl enable --now worker.service',
  ];
  return Buffer.from(lines.join('\n')).toString('base64');
}
