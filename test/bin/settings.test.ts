import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Command } from 'commander';
import { account, integer, list, map, number, text, yes } from '../../bin/option-kinds';
import { addFlags, defaulted, optional, readSettings, settingsSchema } from '../../bin/settings';
import { UP_SETTINGS } from '../../bin/up/settings';
import { root, startSpillway } from './spawn-spillway';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'spillway-settings-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SETTINGS = {
  port: optional(integer(0, 9), { flag: '--port <number>', description: 'p' }),
  speed: defaulted(number(1, 2), { flag: '--speed <factor>', description: 's', fallback: 1 }),
  watch: defaulted(yes, { flag: '--watch', description: 'w', fallback: false }),
  hosts: defaulted(list(text()), { flag: '--allow-host <name>', description: 'h', fallback: [] }),
  forward: defaulted(map(text()), { flag: '--forward <service=url>', description: 'f', fallback: {} }),
  account: optional(account, { flag: '--account <id>', description: 'a' }),
  functions: defaulted(map(text()), { description: 'only in the file', fallback: {} }),
};

/** The settings for flags, environment variables and a file. */
function settingsOf(flags: readonly string[], variables: Record<string, string> = {}, content?: unknown) {
  const file = join(folder, 'spillway.json');
  rmSync(file, { force: true });
  if (content !== undefined) writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    const command = addFlags(new Command('up').exitOverride(), SETTINGS).parse(flags, { from: 'user' });
    return readSettings(command, SETTINGS, file);
  } finally {
    process.env = before;
  }
}

test('a flag overrides the environment, which overrides the file, which overrides the default', () => {
  const file = { port: 1, speed: 2, watch: true, hosts: ['f'], forward: { s3: 'f' }, functions: { a: 'b' } };
  expect(settingsOf([])).toMatchObject({ port: undefined, speed: 1, watch: false, hosts: [], forward: {} });
  expect(settingsOf([], {}, file)).toMatchObject(file);
  const variables = {
    SPILLWAY_PORT: '2',
    SPILLWAY_WATCH: 'false',
    SPILLWAY_ALLOW_HOST: 'a,b',
    SPILLWAY_FORWARD: 's3=e,sns=e',
  };
  expect(settingsOf([], variables, file)).toMatchObject({
    ...{ port: 2, speed: 2, watch: false, hosts: ['a', 'b'] },
    forward: { s3: 'e', sns: 'e' },
  });
  const flags = ['--port', '3', '--no-watch', '--allow-host', 'x', '--allow-host', 'y', '--forward', 's3=http://h?a=b'];
  expect(settingsOf(flags, { ...variables, SPILLWAY_WATCH: 'true' }, file)).toMatchObject({
    ...{ port: 3, watch: false, hosts: ['x', 'y'] },
    forward: { s3: 'http://h?a=b' },
  });
});

test.each([
  [['--port', '10'], {}, undefined, /^--port must be a whole number from 0 to 9, but was "10"$/],
  [[], { SPILLWAY_PORT: 'x' }, undefined, /^SPILLWAY_PORT must be a whole number from 0 to 9, but was "x"$/],
  [[], {}, { port: 1.5 }, /^port in .*spillway\.json must be a whole number from 0 to 9, but was 1\.5$/],
  [[], {}, { speed: 3 }, /^speed in .* must be a number from 1 to 2, but was 3$/],
  [[], { SPILLWAY_WATCH: 'maybe' }, undefined, /^SPILLWAY_WATCH must be true or false, but was "maybe"$/],
  [[], {}, { hosts: 5 }, /^hosts in .* must be a list, but was 5$/],
  [['--forward', 's3'], {}, undefined, /^--forward must be a name and a value, such as name=value, but was "s3"$/],
  [['--account', '1'], {}, undefined, /^--account must be 12 digits, but was "1"$/],
  [[], {}, { prot: 1 }, /^prot in .*spillway\.json is not a setting; allowed: port, speed, watch, /],
  [[], {}, '{', /spillway\.json is not JSON: /],
  [[], {}, [], /spillway\.json must be a JSON object$/],
])('refuses %j, %j, %j', (flags, variables, file, message) => {
  expect(() => settingsOf(flags, variables as Record<string, string>, file)).toThrow(message);
});

test('the schema that the package ships is that of the settings: npm run docs:schema writes it', () => {
  const shipped = JSON.parse(readFileSync(join(root, 'spillway.schema.json'), 'utf8')) as object;
  expect(shipped).toEqual(JSON.parse(JSON.stringify(settingsSchema(UP_SETTINGS))));
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  expect(files).toContain('spillway.schema.json');
});

describe('spillway up', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((_, response) => response.end('{"SecretString":"forwarded"}'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => server.close());

  /** Starts `up` in a project with a settings file, and stops it after `use`. */
  async function up(
    settings: object,
    variables: Record<string, string>,
    use: (endpoint: string) => Promise<void>,
  ): Promise<void> {
    const project = mkdtempSync(join(folder, 'project-'));
    writeFileSync(join(project, 'package.json'), '{}');
    writeFileSync(join(project, 'spillway.json'), JSON.stringify(settings));
    const { printed, child, ended } = startSpillway(['up'], {
      cwd: project,
      variables: { XDG_CACHE_HOME: join(project, 'cache'), ...variables },
    });
    await printed(/Ctrl-C/);
    try {
      await use(await printed(/http:\/\/[^\s]+/));
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toMatchObject({ status: 143, stderr: '' });
  }

  const secretAt = async (endpoint: string) => {
    const credentials = { accessKeyId: '000000000000', secretAccessKey: 'x' };
    const client = new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: 's' }));
    client.destroy();
    return SecretString;
  };

  test.concurrent('forwards what spillway.json names', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await up({ port: 0, forward: { 'secrets-manager': url } }, {}, async (endpoint) => {
      expect(await secretAt(endpoint)).toBe('forwarded');
    });
  });

  test.concurrent('forwards what AWS_ENDPOINT_URL_<SERVICE> names', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await up({ port: 0 }, { AWS_ENDPOINT_URL_SECRETS_MANAGER: url }, async (endpoint) => {
      expect(await secretAt(endpoint)).toBe('forwarded');
    });
  });

  test.concurrent('listens on the address of --host, and answers to the names of --allow-host', async () => {
    await up({ port: 0, host: '0.0.0.0', allowHosts: ['cloud.test'] }, {}, async (endpoint) => {
      expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const { request } = await import('node:http');
      const statusFor = (host: string) =>
        new Promise((done, failed) => {
          request(`${endpoint}/_spillway/health`, { headers: { host } }, ({ statusCode }) => done(statusCode))
            .on('error', failed)
            .end();
        });
      expect(await Promise.all(['cloud.test', 'other.test'].map(statusFor))).toEqual([200, 403]);
    });
  });

  test.concurrent.each([
    [['--forward', 's3=https://s3.amazonaws.com'], /^--forward s3 must not be AWS itself, but was 'https:/],
    [['--host', '192.0.2.1'], /^--host must be an address of this machine, such as 0\.0\.0\.0, but was 192\.0\.2\.1/],
    [['--forward-profile', 's3=dev'], /^--forward-profile s3=dev requires --forward s3=<url>/],
  ])('refuses %j', async (flags, message) => {
    const { ended } = startSpillway(['up', '--port', '0', ...flags], { cwd: mkdtempSync(join(folder, 'empty-')) });
    expect((await ended).stderr).toMatch(message);
  });
});
