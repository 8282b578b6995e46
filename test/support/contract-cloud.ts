import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import { Emulator, type EmulatorOptions, type TimelineEvent, VirtualClock } from '../../lib/emulator';
import type { ClientConfig } from '../../lib/emulator/emulator';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

type TransportName = 'port' | 'in-process';

/** Resources of a template, by logical id. */
export type Resources = Readonly<Record<string, readonly [type: string, properties: Record<string, unknown>]>>;

/** An emulator in virtual time, and real SDK clients for it: over a port, or in process. */
export class ContractCloud {
  public static async open(transport: TransportName, options: EmulatorOptions = {}): Promise<ContractCloud> {
    const cloud = new ContractCloud(new VirtualClock(), options);
    if (transport === 'port') await cloud.emulator.listen(0);
    return cloud;
  }

  public readonly emulator: Emulator;
  public readonly events: TimelineEvent[] = [];

  private constructor(
    public readonly clock: VirtualClock,
    options: EmulatorOptions,
  ) {
    this.emulator = new Emulator({ clock, seed: 7, ...options });
    this.emulator.timeline.observe((event) => this.events.push(event));
  }

  public get now(): number {
    return this.clock.now();
  }

  /** A client that does not repeat requests, as the emulator's time stands still meanwhile. */
  public client<T>(Client: new (config: ClientConfig & { readonly maxAttempts: number }) => T): T {
    return new Client({ ...this.emulator.clientConfig(), maxAttempts: 1 });
  }

  /** Lets emulated time pass. */
  public advance(milliseconds: number): Promise<void> {
    return this.clock.advance(milliseconds);
  }

  /** Lets emulated time pass until an invocation is answered. Time stands still while the client takes the machine's. */
  public async invoked<T>(request: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    request.then(settle, settle);
    const begun = this.events.length;
    const happened = (kinds: RegExp) => this.events.slice(begun).some(({ kind }) => kinds.test(kind));
    while (!settled) {
      await new Promise((resolve) => setImmediate(resolve));
      if (happened(/^lambda\.invoked$/) && !happened(/^lambda\.(returned|failed)$/)) await this.clock.next();
    }
    return request;
  }

  /** Deploys a template as the stack `Test`, or updates that stack. */
  public async deploy(resources: Resources) {
    const stack = new Stack(new App(), 'Test');
    const made = Object.entries(resources).map(
      ([id, [type, properties]]) => new CfnResource(stack, id, { type, properties }),
    );
    // One after the other, as their properties say nothing of what they need.
    for (const [index, resource] of made.entries()) if (index > 0) resource.addDependency(made[index - 1]);
    const [report] = await this.emulator.load((stack.node.root as App).synth().directory);
    return report;
  }
}

/** What a refused request fails with, as SDK clients show it. */
export interface ExpectedRefusal {
  readonly name: string;
  readonly message?: string | RegExp;
  /** @default 400 */
  readonly status?: number;
}

/** Checks that AWS's error answers a request. */
export async function expectRefused(request: Promise<unknown>, expected: ExpectedRefusal): Promise<void> {
  const { name, message = /./, status = 400 } = expected;
  const error = await request.then(
    () => new Error('the request succeeded'),
    (caught: unknown) => caught as Error & { readonly $metadata?: { readonly httpStatusCode?: number } },
  );
  const text = typeof message === 'string' ? message : (expect.stringMatching(message) as string);
  const found = {
    name: error.name,
    message: error.message,
    status: '$metadata' in error ? error.$metadata?.httpStatusCode : undefined,
  };
  expect(found).toEqual({ name, message: text, status });
}

/** A row of the contract: what it says, and a check of it on a cloud of its own. */
export type ContractRows = Readonly<Record<string, (cloud: ContractCloud) => Promise<void>>>;

/** Holds the emulator to a section's rows, with real SDK clients on both transports. */
export function contract(section: string, rows: ContractRows, options: EmulatorOptions = {}): void {
  describe.each<TransportName>(['port', 'in-process'])(`${section} (%s)`, (transport) => {
    test.each(Object.entries(rows))('%s', async (_name, check) => {
      const cloud = await ContractCloud.open(transport, options);
      try {
        await check(cloud);
      } finally {
        await cloud.emulator.stop();
      }
    });
  });
}
