// Run after every `npm install` whose lock file is committed. A registry mirror may hold no packages for other
// platforms; the lock then lacks their entries, and npm 11 refuses to `npm ci` from it.
import { readFileSync, writeFileSync } from 'node:fs';
const OS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony', 'netbsd', 'openbsd', 'sunos', 'aix'];
const CPU = ['x64', 'arm64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64'];
const named = (list, name) =>
  name
    .split('/')
    .pop()
    .split(/[-_]/)
    .find((word) => list.includes(word));

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const [path, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const [os, cpu] = [named(OS, name), named(CPU, name)];
    const known = lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
    if (os && cpu && /^\d/.test(version) && !known) {
      lock.packages[`node_modules/${name}`] = { version, cpu: [cpu], dev: true, optional: true, os: [os] };
    }
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
