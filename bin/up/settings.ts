import { account, integer, list, map, number, text, yes } from '../option-kinds';
import { defaulted, optional } from '../settings';

const anyText = text(/^/, 'a text');

/** The settings of `spillway up`: a row is a flag, an environment variable and a key of spillway.json. */
export const UP_SETTINGS = {
  assembly: optional(text(), {
    description:
      'The synthesized cloud assembly to run, such as cdk.out, or a CloudFormation template or a folder of them, relative to this file.',
  }),
  stacks: defaulted(list(text()), {
    description:
      'The stacks to deploy, with those that they depend on, by id or name, such as "Prod/*"; all if there are none.',
    fallback: [],
  }),
  parameters: defaulted(map(anyText), {
    flag: '--parameter <name=value>',
    description: "a template parameter's value; for one stack only, Stack:Name=value; may be repeated",
    fallback: {},
  }),
  ssm: defaulted(map(anyText), {
    flag: '--ssm <name=value>',
    description: 'a parameter that the Parameter Store has before the stacks are deployed; may be repeated',
    fallback: {},
  }),
  secrets: defaulted(map(anyText), {
    flag: '--secret <name=value>',
    description: 'a secret, by name or ARN, that is there before the stacks are deployed; may be repeated',
    fallback: {},
  }),
  exports: defaulted(map(anyText), {
    flag: '--export <name=value>',
    description: 'an export of a stack that is not in the app; may be repeated',
    fallback: {},
  }),
  port: optional(integer(0, 65_535), {
    flag: '--port <number>',
    description: 'the port to listen on (default: 4566, or any free port if it is in use; 0 for any free port)',
  }),
  host: defaulted(text(/^[\w.:-]+$/, 'an address of this machine, such as 0.0.0.0'), {
    flag: '--host <address>',
    description: 'the address to listen on; others than loopback serve your network (default: 127.0.0.1)',
    fallback: '127.0.0.1',
  }),
  speed: defaulted(number(0.01, 1_000), {
    flag: '--speed <factor>',
    description: 'emulated seconds per real second (default: 1)',
    fallback: 1,
  }),
  seed: optional(integer(0, Number.MAX_SAFE_INTEGER), {
    flag: '--seed <number>',
    description:
      'the seed for physical names and other random values (default: a random number kept for this project, so that queue URLs stay the same and web pages cannot guess them)',
  }),
  account: defaulted(account, {
    flag: '--account <id>',
    description: 'the default account, 12 digits (default: 000000000000)',
    fallback: '000000000000',
  }),
  region: defaulted(text(), {
    flag: '--region <name>',
    description: 'the default Region (default: us-east-1)',
    fallback: 'us-east-1',
  }),
  allowOrigins: defaulted(list(text()), {
    flag: '--allow-origin <origin>',
    description: 'answer web pages of this origin, such as http://localhost:5173; may be repeated',
    fallback: [],
  }),
  allowHosts: defaulted(list(text()), {
    flag: '--allow-host <name>',
    description: 'answer requests to this host name, such as host.docker.internal; may be repeated',
    fallback: [],
  }),
  forward: defaulted(map(text()), {
    flag: '--forward <service=url>',
    description:
      'send the requests to a service to a server of yours, such as dynamodb=http://127.0.0.1:8000; may be repeated; the variables AWS_ENDPOINT_URL_<SERVICE> count as well',
    fallback: {},
  }),
  forwardProfiles: defaulted(map(text()), {
    flag: '--forward-profile <service=profile>',
    description: "sign a service's forwarded requests with the credentials of a profile; may be repeated",
    fallback: {},
  }),
  run: defaulted(map(text(/\S/, 'a command')), {
    flag: '--run <function=command>',
    description:
      'run a command as the custom runtime of a function, in place of its code, such as Encoder="node server.js"; needed for container images; may be repeated',
    fallback: {},
  }),
  functions: defaulted(map(text()), {
    description:
      'With --watch: the sources of bundled functions by their construct paths, such as { "Stack/Mailer": "src/mailer.ts" }, relative to this file; needed for bundles without a source map or comments only.',
    fallback: {},
  }),
  watch: defaulted(yes, {
    flag: '--watch',
    description:
      'update the stacks whenever cdk synth writes the assembly again, and bundle changed sources of functions and workers without one',
    fallback: false,
  }),
  strict: defaulted(yes, {
    flag: '--strict',
    description: 'fail if the assembly has anything that is not emulated',
    fallback: false,
  }),
  report: defaulted(yes, {
    flag: '--report',
    description: 'print every resource and property, and whether it is emulated',
    fallback: false,
  }),
  verbose: defaulted(yes, {
    flag: '--verbose',
    description: 'print stack traces',
    fallback: false,
  }),
} as const;
