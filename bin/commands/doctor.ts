import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { LocalCloudApi } from '../local-cloud';
import { print, table } from '../output';
import { Project } from '../project';
import { checkFile, SETTINGS_FILE } from '../settings';
import { addTargetOptions, type TargetOptions, targetOf, withoutSlash } from '../target';
import { UP_SETTINGS } from '../up/settings';

/** What a check found. */
interface Finding {
  readonly level: 'ok' | 'note' | 'problem';
  readonly what: string;
  readonly says: string;
}

const OLDEST_NODE = 20;

/** `spillway doctor`: looks for what commonly goes wrong. */
export function doctor(): Command {
  const command = new Command('doctor')
    .summary('look for what commonly goes wrong, and say how to mend it')
    .description(
      'Checks this machine, this project, the environment variables of this shell, and the local cloud. The exit status ' +
        'is 1 if there is a problem.',
    );
  return addTargetOptions(command).action(async (options: TargetOptions) => {
    const project = Project.at(process.cwd());
    const findings = [
      node(),
      assembly(project.root),
      settingsFile(join(project.root, SETTINGS_FILE)),
      ...(await localCloud(options)),
    ];
    const rows = findings.map(({ level, what, says }) => [level, what, says]);
    print(findings, table(rows), options);
    if (findings.some(({ level }) => level === 'problem')) process.exitCode = 1;
  });
}

function node(): Finding {
  const { version } = process;
  const isOld = Number(version.slice(1).split('.')[0]) < OLDEST_NODE;
  return { level: isOld ? 'problem' : 'ok', what: 'Node.js', says: isOld ? `${version} is older than 20` : version };
}

function assembly(root: string): Finding {
  const what = 'assembly';
  if (existsSync(join(root, 'cdk.out', 'manifest.json'))) return { level: 'ok', what, says: join(root, 'cdk.out') };
  const says = existsSync(join(root, 'cdk.json'))
    ? `there is no ${join(root, 'cdk.out')}: run npx cdk synth`
    : `${root} is not a CDK project, as it has no cdk.json`;
  return { level: 'note', what, says };
}

function settingsFile(file: string): Finding {
  const what = SETTINGS_FILE;
  if (!existsSync(file)) return { level: 'ok', what, says: 'none, so there are only flags and variables' };
  try {
    checkFile(file, UP_SETTINGS);
    return { level: 'ok', what, says: file };
  } catch (error) {
    return { level: 'problem', what, says: (error as Error).message };
  }
}

async function localCloud(options: TargetOptions): Promise<Finding[]> {
  const what = 'local cloud';
  let target;
  try {
    target = targetOf(options);
    await new LocalCloudApi(target).call('GET', 'health');
  } catch (error) {
    return [{ level: 'problem', what, says: (error as Error).message }];
  }
  const { refusedRequests } = (await new LocalCloudApi(target).call('GET', 'status')) as { refusedRequests: number };
  return [
    { level: 'ok', what, says: `${target.endpoint} answers` },
    shell(target.endpoint ?? ''),
    ...(refusedRequests > 0
      ? [
          {
            level: 'note' as const,
            what: 'requests',
            says: `${refusedRequests} were refused, by their host name or origin: see --allow-host and --allow-origin`,
          },
        ]
      : []),
  ];
}

/** Whether SDK clients of this shell reach the local cloud. */
function shell(endpoint: string): Finding {
  const what = 'environment';
  const { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: key } = process.env;
  const mend = 'eval "$(npx spillway env)"';
  if (url === undefined) return { level: 'note', what, says: `AWS_ENDPOINT_URL is not set, so SDKs call AWS: ${mend}` };
  if (withoutSlash(url) !== endpoint) {
    return { level: 'problem', what, says: `AWS_ENDPOINT_URL is ${url}, not ${endpoint}: ${mend}` };
  }
  if (key === undefined) return { level: 'problem', what, says: `AWS_ACCESS_KEY_ID is not set: ${mend}` };
  return { level: 'ok', what, says: `SDKs call ${endpoint}` };
}
