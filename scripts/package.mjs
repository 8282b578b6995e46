// node scripts/package.mjs: the library's source in Python, Java, .NET and Go, in dist/jsii, of what was built.
// Examples are translated as well, and must compile: those of the doc comments and the README.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tool, root } from './tool.mjs';

const out = join(root, 'dist/jsii');
rmSync(out, { recursive: true, force: true });
tool('jsii-rosetta/bin/jsii-rosetta', 'extract', '--compile', '--fail');
tool('jsii-pacmak/bin/jsii-pacmak', '--code-only', '--no-npmignore');

/** A file that each language's package has at least, so that an empty folder is no success. */
const SIGNS = {
  python: 'src/cdk_spillway/__init__.py',
  java: 'src/main/java/io/github/spillway/StandardQueue.java',
  dotnet: 'CdkSpillway/CdkSpillway/StandardQueue.cs',
  go: 'spillway/StandardQueue.go',
};
const missing = Object.entries(SIGNS).filter(([language, file]) => !existsSync(join(out, language, file)));
if (missing.length > 0) throw new Error(`not generated: ${missing.map((entry) => entry.join('/')).join(', ')}`);

if (has('python3')) {
  execFileSync('python3', ['-m', 'compileall', '-q', '-f', join(out, 'python')], { stdio: 'inherit' });
  removeBytecode(join(out, 'python'));
  console.log('python: every module byte-compiles');
} else console.log('python: no python3 here, not compiled');
console.log(`generated: ${Object.keys(SIGNS).join(', ')}`);

function has(program) {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function removeBytecode(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.name === '__pycache__') rmSync(join(entry.parentPath, entry.name), { recursive: true, force: true });
  }
}
