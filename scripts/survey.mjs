// node --import tsx scripts/survey.mjs FOLDER…: loads each cloud assembly and CloudFormation template under the folders,
// and prints a table: whether it loads, whether it runs whole, else what is not acted on. An app is whole if every
// resource is acted on, except those that carry no message: roles and policies, logs, networks, names and certificates.
// Apps without a queue, and templates that need a transform, are left out.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import emulator from '../lib/emulator/index.ts';

const { Emulator } = emulator;

/** Types that may do nothing in an app that is whole. */
const CARRIES_NOTHING = new RegExp(
  [
    '^AWS::IAM::',
    '^AWS::CDK::Metadata$',
    '^AWS::Logs::',
    '^AWS::EC2::(?!Instance$|SpotFleet$|EC2Fleet$)',
    '^AWS::(?:Route53|CertificateManager|CloudFront|WAFv2|WAF|WAFRegional|ECR)::',
    '^AWS::ApiGateway(?:V2)?::(?:Account|DomainName|BasePathMapping|ApiMapping)$',
    '^AWS::S3::BucketPolicy$',
    '^Custom::(?:LogRetention|VpcRestrictDefaultSG)$',
  ].join('|'),
);
/** Values that an error asks for, as users would give them. */
const ASKED = /`--(parameter|ssm|secret|export) (.+?)=value`/;
const OPTIONS = { parameter: 'parameters', ssm: 'ssm', secret: 'secrets', export: 'exports' };
const MOST_VALUES = 100;

function* appsIn(folder) {
  if (existsSync(join(folder, 'manifest.json'))) {
    const files = readdirSync(folder, { recursive: true }).filter((name) => /\.template\.json$/.test(name));
    if (files.some((name) => hasQueue(join(folder, name)))) yield folder;
    return;
  }
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (name === 'node_modules' || name === '.git' || !existsSync(path)) continue;
    if (statSync(path).isDirectory()) yield* appsIn(path);
    else if (/\.(?:ya?ml|json|template)$/.test(name) && hasQueue(path)) yield path;
  }
}

function hasQueue(path) {
  const text = readFileSync(path, 'utf8');
  return (
    /AWS::SQS::Queue\b/.test(text) && /^\s{0,8}"?Resources"?:/m.test(text) && !/Fn::Transform|"?Transform"?:/.test(text)
  );
}

/** A value for what an error asks for: of the parameter's type, if it names one. */
function valueFor(kind, name, text) {
  if (kind === 'secret') return '{"username":"user","password":"password","host":"localhost","port":"5432"}';
  const declared = new RegExp(
    `"?${name.split(':').pop()}"?:[^}]*?Type"?: *"?'?(Number|List<[^>]*>|CommaDelimitedList|AWS::[\\w:<>]+)`,
    's',
  );
  const type = declared.exec(text)?.[1] ?? '';
  if (type === 'Number') return '60';
  if (/S3VersionKey/.test(name)) return 'assets/||code.zip'; // of CDK version 1
  if (/Email/i.test(name)) return 'someone@example.com';
  if (/Topic(?!Name)/.test(name)) return 'arn:aws:sns:us-east-1:000000000000:given';
  return /Arn/i.test(name) ? 'arn:aws:sqs:us-east-1:000000000000:given' : 'given';
}

async function load(path) {
  const given = { parameters: {}, ssm: {}, secrets: {}, exports: {} };
  const text = statSync(path).isFile() ? readFileSync(path, 'utf8') : '';
  for (let tries = 0; ; tries++) {
    const cloud = new Emulator({ compute: 'processes', ...given });
    const refusals = [];
    try {
      await cloud.listen(0);
      await cloud.load(path, { onFailure: ({ error }) => refusals.push(error.message) });
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : String(error));
    }
    const { reports } = cloud;
    await cloud.stop();
    const asked = refusals.map((message) => ASKED.exec(message)).find((match) => match !== null);
    if (asked === undefined || tries === MOST_VALUES) return { reports, refusals };
    const [, kind, name] = asked;
    given[OPTIONS[kind]][name] = valueFor(kind, name, text);
  }
}

const everyStack = (reports) => reports.flatMap((report) => [report, ...everyStack(report.nested)]);

function missingIn(reports) {
  const missing = everyStack(reports).flatMap(({ resources }) =>
    resources.flatMap(({ type, status, properties }) => {
      if (CARRIES_NOTHING.test(type)) return [];
      if (status !== 'emulated') return [type];
      const runtime = properties.find(({ name, status: of }) => name === 'Runtime' && of === 'unsupported');
      return runtime === undefined ? [] : [`${type} (${runtime.note?.split(':')[0]})`];
    }),
  );
  return [...new Set(missing)].sort();
}

const counts = { whole: 0, loads: 0, refused: 0 };
const causes = new Map();
for (const folder of process.argv.slice(2)) {
  for (const path of appsIn(folder)) {
    const { reports, refusals } = await load(path);
    const missing = missingIn(reports);
    const outcome = refusals.length > 0 ? 'refused' : missing.length > 0 ? 'loads' : 'whole';
    counts[outcome] += 1;
    for (const type of missing) causes.set(type, (causes.get(type) ?? 0) + 1);
    console.log(
      `| ${relative(folder, path)} | ${outcome} | ${[...refusals, ...missing].join(', ').replaceAll('|', '/')} |`,
    );
  }
}
const all = counts.whole + counts.loads + counts.refused;
console.log(`\n${all} apps: ${counts.whole} whole, ${counts.loads} load, ${counts.refused} are refused`);
for (const [type, count] of [...causes].sort(([, a], [, b]) => b - a)) console.log(`  ${count} x ${type}`);
