import type { FuzzedRequest, RequestSource } from './request-source';

const METHODS = ['BREW', 'get', 'CONNECT', 'TRACE', '', 'POST POST', 'PRI'];
const LENGTHS = ['0', '-1', '1e3', '99999999999999999999', '0x10', ' 5 ', '5, 5', '', 'abc'];

/** The bytes of one connection: a few requests, some of them framed in ways that HTTP forbids. */
export function connectionBytes(source: RequestSource): Buffer {
  const count = source.pick([1, 1, 1, 2, 5]);
  const requests = Array.from({ length: count }, () => requestBytes(source, source.next()));
  const all = Buffer.concat(requests);
  if (source.chance(0.1)) return all.subarray(0, source.integer(0, all.length));
  if (source.chance(0.05)) return Buffer.concat([source.bytes(source.integer(1, 100)), all]);
  if (source.chance(0.1)) {
    for (let flips = source.integer(1, 4); flips > 0; flips--) {
      all[source.integer(0, Math.min(all.length, 400) - 1)] ^= 1 << source.integer(0, 7);
    }
  }
  return all;
}

function requestBytes(source: RequestSource, { method, path, query, headers, body }: FuzzedRequest): Buffer {
  const target = (path === '' ? '/' : path) + (query === '' ? '' : `?${query}`);
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const framing = source.chance(0.5) ? 'length' : source.pick(['chunks', 'chunks', 'wrong', 'both', 'none', 'line']);
  const length = `Content-Length: ${body.length}`;
  switch (framing) {
    case 'chunks':
      return Buffer.concat([head([...lines, 'Transfer-Encoding: chunked']), chunked(source, body)]);
    case 'wrong': {
      const wrong = source.pick([...LENGTHS, String(body.length + source.integer(1, 50)), String(body.length >> 1)]);
      return Buffer.concat([head([...lines, `Content-Length: ${wrong}`]), body]);
    }
    case 'both':
      return Buffer.concat([head([...lines, length, 'Transfer-Encoding: chunked']), chunked(source, body)]);
    case 'none':
      return Buffer.concat([head(lines), body]);
    case 'line':
      return Buffer.concat([head(damagedLines(source, [...lines, length])), body]);
    default:
      return Buffer.concat([head([...lines, length]), body]);
  }
}

function damagedLines(source: RequestSource, [first, ...rest]: readonly string[]): string[] {
  switch (source.integer(0, 7)) {
    case 0:
      return [first.replace(/^\S*/, source.pick(METHODS)), ...rest];
    case 1:
      return [
        first.replace(/HTTP.*$/, source.pick(['HTTP/0.9', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'FTP/1.1', ''])),
        ...rest,
      ];
    case 2:
      return [first, ...rest, `X-Long: ${'x'.repeat(source.integer(1, 40_000))}`];
    case 3:
      return [first, ...rest, ...Array.from({ length: source.integer(1, 3_000) }, (_, index) => `X-${index}: 1`)];
    case 4:
      return [
        first,
        ...rest,
        source.pick(['Expect: 100-continue', 'Expect: tea', 'Upgrade: h2c', 'Connection: Upgrade, close']),
      ];
    case 5:
      return [
        first,
        ...rest,
        source.pick([': nameless', 'No colon', ' folded: x', 'Na me: x', 'X: \u0001', 'Host: second']),
      ];
    case 6:
      return [first.replace(/ \S* /, ` http://${'u'.repeat(source.integer(0, 20_000))}@host:99999/%ZZ `), ...rest];
    default:
      return [first, ...rest.filter((line) => !line.startsWith('Host'))];
  }
}

function chunked(source: RequestSource, body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    const size = source.integer(1, Math.max(1, body.length >> source.integer(0, 3)));
    const chunk = body.subarray(at, at + size);
    const said = source.chance(0.03) ? source.pick(['zz', '-1', 'ffffffffffffffff', '']) : chunk.length.toString(16);
    parts.push(Buffer.from(`${said}${source.chance(0.05) ? ';extension=1' : ''}\r\n`), chunk, Buffer.from('\r\n'));
    at += size;
  }
  const end = source.pick(['0\r\n\r\n', '0\r\n\r\n', '0\r\n\r\n', '0\r\nTrailer: x\r\n\r\n', '0\r\n', '']);
  return Buffer.concat([...parts, Buffer.from(end)]);
}

function head(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
