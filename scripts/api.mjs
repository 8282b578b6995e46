// node scripts/api.mjs writes API.md from the assembly that was built; with `check` it only says whether it is current.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { tool, root } from './tool.mjs';

const DOCGEN = 'jsii-docgen/bin/jsii-docgen';
const current = join(root, 'API.md');
if (process.argv[2] === 'check') {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-api-'));
  try {
    const fresh = join(folder, 'API.md');
    tool(DOCGEN, '-o', relative(root, fresh));
    if (readFileSync(fresh, 'utf8') !== readFileSync(current, 'utf8')) {
      throw new Error('API.md is older than the library: npm run build && npm run docs');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log('API.md is current');
} else tool(DOCGEN, '-o', 'API.md');
