// node scripts/together.mjs <script> <script>…: runs npm scripts side by side, as many as there are cores, and prints what
// each has said when it has ended. Fails if one of them fails.
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { root } from './tool.mjs';

const waiting = process.argv.slice(2);

async function work() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const child = spawn('npm', ['run', name], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    const [code] = await once(child, 'close');
    process.stdout.write(Buffer.concat(said));
    if (code !== 0) process.exitCode = 1;
  }
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
