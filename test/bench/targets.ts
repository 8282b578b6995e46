import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { RawConnection } from './raw-connection';
import { sqsRequest, tenMessages } from './requests';
import { BODY_BYTES } from './loads';
import { withQueue } from './queues';
import { ServerProcess } from './server-process';

const root = resolve(__dirname, '../..');
const BENCH = join(root, 'dist/bench');
/** As it is published. */
const SPILLWAY = join(root, 'dist/bin/spillway.js');

type Start = () => Promise<ServerProcess>;

/** The engine without the wire, measured in a process of its own. */
export const ENGINE = join(BENCH, 'engine.js');

/** A stretch of virtual time, measured in a process of its own. */
export const VIRTUAL = join(BENCH, 'virtual.js');

/** Bundles what only the bench has, with the settings of scripts/build.mjs, so that no loader costs it anything. */
export async function bundleServers(): Promise<void> {
  await build({
    entryPoints: {
      bare: join(__dirname, 'servers/bare.ts'),
      engine: join(__dirname, 'servers/engine.ts'),
      virtual: join(__dirname, 'servers/virtual.ts'),
    },
    outdir: BENCH,
    bundle: true,
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    external: ['aws-cdk-lib', 'constructs'],
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
  });
}

export function startSpillway(): Promise<ServerProcess> {
  return ServerProcess.start(process.execPath, [SPILLWAY, 'up', '--port', '0']);
}

export function startBare(): Promise<ServerProcess> {
  return ServerProcess.start(process.execPath, [join(BENCH, 'bare.js')]);
}

/** Has `bare` answer what `real` answers. */
export async function teach(bare: ServerProcess, real: ServerProcess): Promise<void> {
  const connection = await RawConnection.open(real.port);
  const answers: Record<string, string> = {};
  const ask = async (action: string, input: object) => {
    const answer = await connection.request(sqsRequest(action, input));
    answers[`AmazonSQS.${action}`] = answer;
    return answer;
  };
  await withQueue(real.port, async (QueueUrl) => {
    const ten = tenMessages(QueueUrl, BODY_BYTES) as { Entries: { MessageBody: string }[] };
    answers['AmazonSQS.CreateQueue'] = JSON.stringify({ QueueUrl });
    await ask('SendMessage', { QueueUrl, MessageBody: ten.Entries[0].MessageBody });
    await ask('SendMessageBatch', ten);
    const { Messages } = JSON.parse(await ask('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 })) as {
      Messages: { ReceiptHandle: string }[];
    };
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: `m${index}`, ReceiptHandle }));
    await ask('DeleteMessageBatch', { QueueUrl, Entries });
  });
  connection.close();
  bare.send(answers);
}

/** How to start the other emulators that happen to be installed. */
export function installedPeers(): Map<string, Start> {
  const peers = new Map<string, Start>();
  const fauxqs = locateFauxqs();
  if (fauxqs !== undefined) {
    peers.set('fauxqs', async () => {
      const port = await freePort();
      // Its own command writes lines for each request.
      const start = `import(${JSON.stringify(fauxqs)}).then((m) => m.startFauxqs({ port: ${port}, logger: false }))`;
      return ServerProcess.startOn(port, process.execPath, ['-e', start], process.env);
    });
  }
  if (spawnSync('moto_server', ['-h']).status === 0) {
    peers.set('moto_server', async () => {
      const port = await freePort();
      const address = ['-H', '127.0.0.1', '-p', String(port)];
      return ServerProcess.startOn(port, 'moto_server', address, process.env);
    });
  }
  return peers;
}

function locateFauxqs(): string | undefined {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 5)) return undefined; // as its manifest asks
  const globally = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' }).stdout.trim();
  for (const home of [root, dirname(globally)]) {
    const manifest = join(home, 'node_modules/fauxqs/package.json');
    if (existsSync(manifest)) return join(dirname(manifest), 'dist/app.js');
  }
  return undefined;
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}
