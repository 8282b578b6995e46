import { createServer, type Server } from 'node:http';
import { type Failure, protectBusyTask } from '../../lib/runtime';

/** Answers as the ECS agent does at ECS_AGENT_URI. */
class Agent {
  readonly requests: string[] = [];
  /** What the next requests are refused with. */
  failure: object | undefined;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        this.requests.push(`${request.method} ${request.url} ${text}`);
        const { ProtectionEnabled } = JSON.parse(text) as { ProtectionEnabled: boolean };
        const TaskArn = 'arn:aws:ecs:us-east-1:000000000000:task/cluster/1';
        response.end(JSON.stringify(this.failure ?? { protection: { ProtectionEnabled, TaskArn } }));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}/api/1`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  async answered(count: number): Promise<void> {
    while (this.requests.length < count) await new Promise((resolve) => setImmediate(resolve));
  }
}

const ON = 'PUT /api/1/task-protection/v1/state {"ProtectionEnabled":true,"ExpiresInMinutes":10}';
const OFF = 'PUT /api/1/task-protection/v1/state {"ProtectionEnabled":false}';

let agent: Agent;
let agentUri: string;
beforeEach(async () => {
  agent = new Agent();
  agentUri = await agent.listen();
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'setTimeout', 'clearTimeout', 'nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
  agent.close();
});

/** Lets time pass, and the answers to what was asked in it arrive. */
async function pass(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    const before = agent.requests.length;
    await jest.advanceTimersByTimeAsync(5_000);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (agent.requests.length > before) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('protects the task while its worker is busy, and renews it at half of its time', async () => {
  const worker = { busy: false };
  const end = protectBusyTask(worker, { agentUri });
  await pass(10);
  expect(agent.requests).toEqual([]);
  worker.busy = true;
  await pass(5);
  await agent.answered(1);
  await pass(290);
  expect(agent.requests).toEqual([ON]);
  await pass(15);
  await agent.answered(2);
  expect(agent.requests).toEqual([ON, ON]);
  worker.busy = false;
  await pass(10);
  await agent.answered(3);
  expect(agent.requests).toEqual([ON, ON, OFF]);
  await end();
  expect(agent.requests).toHaveLength(3);
});

test('removes the protection when it ends', async () => {
  const end = protectBusyTask({ busy: true }, { agentUri });
  await pass(5);
  await agent.answered(1);
  await end();
  expect(agent.requests).toEqual([ON, OFF]);
});

test('reports a failure of the agent, and tries again', async () => {
  const failures: Failure[] = [];
  agent.failure = { failure: { Arn: 'arn', Detail: null, Reason: 'TASK_NOT_VALID' } };
  const end = protectBusyTask({ busy: true }, { agentUri, onFailure: (failure) => failures.push(failure) });
  await pass(10);
  await agent.answered(2);
  expect(String(failures[0].error)).toContain('the ECS agent did not set the protection: {"failure"');
  agent.failure = undefined;
  await pass(5);
  await agent.answered(3);
  await end();
  expect(agent.requests.at(-1)).toBe(OFF);
});

test('does nothing without an agent, and rejects a time out of range', async () => {
  await protectBusyTask({ busy: true })();
  expect(() => protectBusyTask({ busy: true }, { agentUri, expiresInMinutes: 1 })).toThrow(
    'expiresInMinutes must be a whole number from 2 to 2,880, but was 1',
  );
  expect(agent.requests).toEqual([]);
});
