import type { Server } from 'node:http';
import { type WorkerHealth } from './worker-events';

/**
 * Serves a worker's health over HTTP on every path, for container health checks and load balancers: status 200 while the
 * worker works or drains, 503 while it starts, after three failed requests to SQS in a row and once it has stopped. The
 * body is the {@link WorkerHealth} as JSON.
 *
 * @param port 0 for a free one
 * @param host default: all addresses
 * @returns the listening server; close it when the worker has stopped
 */
export async function serveHealth(worker: { health(): WorkerHealth }, port: number, host?: string): Promise<Server> {
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => {
    const health = worker.health();
    const well = health.state === 'working' || health.state === 'draining';
    response.writeHead(well ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(health));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
}
