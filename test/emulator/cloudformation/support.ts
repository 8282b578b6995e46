import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, VirtualClock } from '../../../lib/emulator/clock';
import {
  ConstructPaths,
  deploy,
  DeployedStacks,
  ResourceOwners,
  readAssembly,
  type Assembly,
  type DeploymentContext,
  type DeployOptions,
  type JsonObject,
  type StackReport,
} from '../../../lib/emulator/cloudformation';
import { providerOf } from '../../../lib/emulator/services';
import { Iam, IamAccount } from '../../../lib/emulator/services/iam';
import { Ssm } from '../../../lib/emulator/services/ssm';
import { Timeline } from '../../../lib/emulator/timeline';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'spillway-template-'));
}

/**
 * A cloud assembly of hand-written templates, written to disk: one stack each, in the order given.
 * @param environment such as `aws://123456789012/eu-west-1`; default: left open
 */
export function assemblyOf(
  templates: Record<string, JsonObject>,
  environment = 'aws://unknown-account/unknown-region',
): Assembly {
  const directory = emptyFolder();
  const artifacts: JsonObject = {};
  for (const [name, template] of Object.entries(templates)) {
    writeFileSync(join(directory, `${name}.template.json`), JSON.stringify(template));
    const properties = { templateFile: `${name}.template.json` };
    artifacts[name] = { type: 'aws:cloudformation:stack', environment, properties };
  }
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '50.0.0', artifacts }));
  return readAssembly(directory);
}

/** A Parameter Store alone, which encrypts nothing. */
export function ssmInTest(): Ssm {
  const clock = new VirtualClock();
  const encryption = () => {
    throw new Error('there is no KMS');
  };
  return new Ssm({ clock, timeline: new Timeline(clock), account: ACCOUNT, region: REGION, encryption });
}

/** A cloud without services: enough for templates of parameters and of inert resources. */
export function bareCloud(
  overrides: Partial<DeploymentContext> & { readonly services?: object } = {},
): DeploymentContext {
  const services = {
    ssm: ssmInTest(),
    iam: new Iam(new IamAccount(new VirtualClock(), new Random(7), ACCOUNT)),
    ...overrides.services,
  };
  return {
    account: ACCOUNT,
    region: REGION,
    partition: 'aws',
    call: {
      account: ACCOUNT,
      region: REGION,
      principal: `arn:aws:iam::${ACCOUNT}:root`,
      endpoint: 'http://127.0.0.1:4566',
    },
    random: new Random(7),
    serviceOf(name) {
      if (name in services) return services[name as never];
      return new Proxy(
        {},
        {
          get: () => {
            throw new Error(`this cloud has no ${name}`);
          },
        },
      );
    },
    providerOf,
    parameter: (name) => services.ssm.parameter(name),
    secret: () => undefined,
    asset: () => undefined,
    scratchDirectory: emptyFolder,
    stacks: new DeployedStacks(),
    owners: new ResourceOwners(),
    timeline: new Timeline(new VirtualClock()),
    serviceEvents: { emit: () => undefined },
    outputs: new Map(),
    ...overrides,
  };
}

/** Deploys one hand-written template as the stack `Test`. */
export async function deployTemplate(
  template: JsonObject,
  cloud = bareCloud(),
  options: DeployOptions = {},
): Promise<StackReport> {
  const [stack] = assemblyOf({ Test: template }).stacks;
  return deploy({ ...stack, paths: new ConstructPaths([]) }, cloud, options);
}
