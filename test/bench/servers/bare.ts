// A node:http server that reads each request to its end and answers with constant bytes: what nobody can be below.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let answers: Readonly<Record<string, string>> = {};
process.on('message', (given) => (answers = given as typeof answers));

const server = createServer({ keepAliveTimeout: 0, noDelay: true }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = answers[String(request.headers['x-amz-target'])] ?? '{}';
    response.sendDate = false;
    response.writeHead(200, {
      'Content-Length': Buffer.byteLength(body),
      'Content-Type': 'application/x-amz-json-1.0',
      'x-amzn-RequestId': 'ba9a3e8b-2f29-4c1c-9c12-6f2ad0e1d0c5',
    });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
