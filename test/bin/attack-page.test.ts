/**
 * A web page that attacks the endpoint, in a real browser: against `spillway up` nothing of it is carried out; without
 * the endpoint's guard, all of it is.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import chromiumPackage from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';
import { Emulator } from '../../lib/emulator';
import { ADMITTED } from '../../lib/emulator/core/policy';
import { zipOf } from '../emulator/services/lambda/zip';

// Chromium comes for Linux on x64 only.
const inChromium = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

const REBOUND = 'rebound.example.com';
const root = resolve(__dirname, '../..');

let folder: string;
let browser: Browser;
let site: Server;

/** What a page on another site can try without the endpoint's consent: it reads no answers, and needs none. */
const attack = (target: string) => `
  const simple = (path, body) =>
    fetch('${target}' + path, { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body });
  const image = new Promise((done) => {
    const element = new Image();
    element.onload = element.onerror = done;
    element.src = '${target}/?Action=CreateQueue&QueueName=by-image';
  });
  const form = new Promise((done) => {
    document.body.innerHTML = '<iframe name="answer"></iframe><form method="post" target="answer" action="${target}/">' +
      '<input name="Action" value="CreateQueue"><input name="QueueName" value="by-form"></form>';
    document.querySelector('iframe').onload = done;
    document.querySelector('form').submit();
  });
  Promise.all([simple('/2015-03-31/functions/pay/invocations', '{}'), image, form])
    .then(() => { document.title = 'attacked'; });
`;
const wipe = (target: string) => `
  fetch('${target}/_spillway/reset', { method: 'POST', mode: 'no-cors' }).then(() => { document.title = 'attacked'; });
`;

const code = (word: string) => `exports.handler = async () => console.log('${word}');`;

/** An app of a function and a queue. */
function assembly(): string {
  const directory = join(folder, 'app');
  const Role = 'arn:aws:iam::000000000000:role/any';
  const properties = { FunctionName: 'pay', Runtime: 'nodejs22.x', Handler: 'index.handler', Role };
  const Resources = {
    Pay: { Type: 'AWS::Lambda::Function', Properties: { ...properties, Code: { ZipFile: code('paid') } } },
    Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
  };
  const stack = {
    type: 'aws:cloudformation:stack',
    environment: 'aws://unknown-account/unknown-region',
    properties: { templateFile: 'Stack.template.json' },
  };
  mkdirSync(directory);
  writeFileSync(join(directory, 'Stack.template.json'), JSON.stringify({ Resources }));
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '39.0.0', artifacts: { Stack: stack } }));
  return directory;
}

/** Shows the page with this script, from another site, and waits until the script has done what it can. */
async function visit(script: string): Promise<void> {
  site.removeAllListeners('request');
  site.on('request', (_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><body><script>${script}</script>`);
  });
  const page = await browser.newPage();
  await page.goto(`http://evil.example.com:${(site.address() as AddressInfo).port}/`);
  await page.waitForFunction("document.title === 'attacked'");
  await page.close();
}

/** What a page finds at the endpoint once its own host name leads there: it may send, and read, whatever it likes. */
async function rebind(endpoint: string): Promise<{ listed: number; replaced: number; body: string }> {
  const page = await browser.newPage();
  const origin = `http://${REBOUND}:${new URL(endpoint).port}`;
  // What the attacker's server answered before the name was pointed here.
  await page.route(`${origin}/page`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${origin}/page`);
  const ZipFile = Buffer.from(zipOf({ 'index.js': code('owned') })).toString('base64');
  const result = await page.evaluate(async (archive) => {
    const list = await fetch('/?Action=ListQueues', { method: 'POST' });
    const put = await fetch('/2015-03-31/functions/pay/code', {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ZipFile: archive }),
    });
    return { listed: list.status, replaced: put.status, body: await list.text() };
  }, ZipFile);
  await page.close();
  return result;
}

/** The cloud behind the endpoint, as its owner sees it. */
function ownerOf(endpoint: string) {
  const config = { endpoint, region: 'us-east-1', credentials: { accessKeyId: '000000000000', secretAccessKey: 'x' } };
  const [sqs, lambda] = [new SQSClient(config), new LambdaClient(config)];
  const QueueUrl = `${endpoint}/000000000000/jobs`;
  return {
    send: () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' })),
    queues: async () =>
      ((await sqs.send(new ListQueuesCommand())).QueueUrls ?? []).map((url) => url.split('/').at(-1)).sort(),
    messages: async () => {
      const asked = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] };
      return (await sqs.send(new GetQueueAttributesCommand(asked))).Attributes?.ApproximateNumberOfMessages;
    },
    codeSha256: async () =>
      (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'pay' }))).CodeSha256,
    refused: async () => {
      const status = (await (await fetch(`${endpoint}/_spillway/status`)).json()) as { refusedRequests: number };
      return status.refusedRequests;
    },
    destroy: () => [sqs, lambda].forEach((client) => client.destroy()),
  };
}

inChromium('a page that attacks the endpoint', () => {
  let directory: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spillway-attack-'));
    directory = assembly();
    site = createServer().listen(0, '127.0.0.1');
    browser = await chromium.launch({
      executablePath: await chromiumPackage.executablePath(),
      // Not those that the package recommends: they turn the browser's own protection off.
      // Nor does every browser keep public sites from a local network, as this one would.
      args: [
        '--disable-features=LocalNetworkAccessChecks',
        '--no-sandbox',
        '--no-zygote',
        '--disable-gpu',
        '--host-resolver-rules=MAP *.example.com 127.0.0.1',
      ],
    });
  });
  afterAll(async () => {
    await browser.close();
    site.close();
    site.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is refused by spillway up, which counts it, and has no effect', async () => {
    const up = spawn(process.execPath, ['dist/programs/spillway.js', 'up', directory, '--port', '0'], {
      cwd: root,
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    });
    try {
      let printed = '';
      await new Promise<void>((ready, failed) => {
        up.stdout.setEncoding('utf8').on('data', (text: string) => {
          printed += text;
          if (/Ctrl-C/.test(printed)) ready();
        });
        up.on('close', () => failed(new Error(printed)));
      });
      const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
      const owner = ownerOf(endpoint);
      await owner.send();
      const codeSha256 = await owner.codeSha256();

      await visit(attack(endpoint));
      expect(await owner.refused()).toBe(3);
      await visit(wipe(endpoint));
      expect(await owner.refused()).toBe(4);
      expect(await rebind(endpoint)).toEqual({
        listed: 403,
        replaced: 403,
        body: expect.stringContaining(`This endpoint is not called ${REBOUND}`) as string,
      });
      expect(await owner.refused()).toBe(6);

      expect(await owner.queues()).toEqual(['jobs']);
      expect(await owner.messages()).toBe('1');
      expect(await owner.codeSha256()).toBe(codeSha256);
      expect(printed).not.toMatch(/\| (paid|owned)/);
      owner.destroy();
    } finally {
      const closed = new Promise((done) => up.on('close', done));
      up.kill('SIGINT');
      await closed;
    }
  });

  test('has all its effects where nothing refuses it', async () => {
    const lines: string[] = [];
    const emulator = new Emulator(
      { onLog: ({ text }) => void lines.push(text) },
      { refusedCount: 0, admit: () => ADMITTED },
    );
    const endpoint = await emulator.listen(0);
    const owner = ownerOf(endpoint);
    try {
      await emulator.load(directory);
      await owner.send();
      const codeSha256 = await owner.codeSha256();

      await visit(attack(endpoint));
      expect(await owner.queues()).toEqual(['by-form', 'by-image', 'jobs']);
      expect(lines.join('\n')).toMatch(/paid/);
      expect(await owner.messages()).toBe('1');

      const { listed, replaced, body } = await rebind(endpoint);
      expect({ listed, replaced }).toEqual({ listed: 200, replaced: 200 });
      expect(body).toContain('/000000000000/jobs');
      expect(await owner.codeSha256()).not.toBe(codeSha256);

      await visit(wipe(endpoint));
      expect(await owner.queues()).toEqual(['jobs']);
      expect(await owner.messages()).toBe('0');
    } finally {
      owner.destroy();
      await emulator.stop();
    }
  });
});
