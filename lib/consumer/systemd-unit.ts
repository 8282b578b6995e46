import { type Duration, Token } from 'aws-cdk-lib/core';

/** What a systemd service runs. */
export interface SystemdService {
  /** Shown by `systemctl status`. */
  readonly description: string;
  /** Where the command starts. */
  readonly workingDirectory: string;
  /** Names and values, without line breaks. */
  readonly environment: Record<string, string>;
  /** The program, an absolute path, and its arguments. */
  readonly command: readonly string[];
  /** A program to run whenever the command has been started; its failure is not the service's. */
  readonly afterStart: string;
  /** The user whom it runs as, and the name of its folder below /var/lib. */
  readonly user: string;
  /** How long it may take from SIGTERM until SIGKILL. */
  readonly stopTimeout: Duration;
}

// Not among them: what a worker may need, such as devices, or memory that is both written to and executed (Node.js).
const SANDBOX = [
  'UMask=0077',
  'NoNewPrivileges=yes',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectControlGroups=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'LimitNOFILE=65536',
  'LimitCORE=0',
  'TasksMax=4096',
];

/** The lines of a unit that starts the service at boot and again whenever it ends. */
export function systemdUnit(service: SystemdService): string[] {
  return [
    '[Unit]',
    `Description=${percent(service.description)}`,
    'After=network-online.target',
    'Wants=network-online.target',
    '[Service]',
    `User=${service.user}`,
    `StateDirectory=${service.user}`,
    ...SANDBOX,
    `WorkingDirectory=${service.workingDirectory}`,
    ...Object.entries(service.environment).map(([name, value]) => `Environment="${name}=${quoted(value)}"`),
    `ExecStart=${service.command.map(argument).join(' ')}`,
    `ExecStartPost=-${service.afterStart}`,
    'Restart=always',
    'RestartSec=5',
    'KillSignal=SIGTERM',
    `TimeoutStopSec=${service.stopTimeout.toSeconds()}`,
    '[Install]',
    'WantedBy=multi-user.target',
  ];
}

/** systemd expands `$NAME` in a command, though not in an environment's value. */
function argument(text: string): string {
  const value = quoted(text).replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(text) ? value : `"${value}"`;
}

/** For use between double quotes. What a token stands for (a name, a URL, an ARN) needs no quoting. */
function quoted(text: string): string {
  return Token.isUnresolved(text) ? text : percent(text.replace(/["\\]/g, '\\$&'));
}

/** systemd replaces `%n` and its like. */
function percent(text: string): string {
  return text.replaceAll('%', '%%');
}
