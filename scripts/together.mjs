// node scripts/together.mjs <script> <script>…: runs npm scripts side by side, each of which keeps one core busy, and
// prints what each has said when it has ended. Fails when one of them has.
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './tool.mjs';

const results = await Promise.all(
  process.argv.slice(2).map(async (name) => {
    const child = spawn('npm', ['run', name], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    const [code] = await once(child, 'close');
    process.stdout.write(Buffer.concat(said));
    return code;
  }),
);
process.exitCode = results.some((code) => code !== 0) ? 1 : 0;
