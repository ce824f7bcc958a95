import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHttpClient } from '../../lambda/extract/http-client.ts';
import { askRaw, serve } from './tiny-server.ts';

const answerOf = (body: string, status = 200) => ({ kind: 'answer', status, headers: expect.anything(), body });

describe('a GET', () => {
  it('sends path and headers as given, asks for gzip, and hands out status, headers and body', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(418, { 'X-Ratelimit-Reset': ['1', '2'], 'Content-Type': 'text/x' }).end('short and stout');
    });
    const path = '/api/v2/projects/a%2Fb/metric-groups?limit=50';
    const result = await server.get({ path, headers: ['Authorization', 'api-1', 'LD-API-Version', 'beta'] });
    expect(result).toEqual({
      kind: 'answer',
      status: 418,
      headers: expect.objectContaining({ 'x-ratelimit-reset': '1, 2', 'content-type': 'text/x' }),
      body: 'short and stout',
    });
    const [request] = server.requests;
    expect({ method: request?.method, url: request?.url }).toEqual({ method: 'GET', url: path });
    expect(request?.headers).toEqual({
      host: new URL(server.url).host,
      connection: 'keep-alive',
      'accept-encoding': 'gzip',
      authorization: 'api-1',
      'ld-api-version': 'beta',
    });
  });

  it('follows no redirect', async () => {
    const server = await serve((_request, response) => response.writeHead(302, { Location: '/elsewhere' }).end());
    expect(await server.get()).toEqual({
      kind: 'answer',
      status: 302,
      headers: expect.objectContaining({ location: '/elsewhere' }),
      body: '',
    });
    expect(server.requests.map(({ url }) => url)).toEqual(['/']);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', Buffer.from],
    ['unheard-of', Buffer.from],
  ])('reads a body encoded as %s', async (encoding, encode) => {
    const body = '{"name":"Ünïcödé 👍"}';
    const server = await serve((_request, response) =>
      response.writeHead(200, { 'Content-Encoding': encoding }).end(encode(Buffer.from(body))),
    );
    expect(await server.get()).toEqual(answerOf(body));
  });

  it('reads an empty body that claims an encoding, and one that is cut into bytes', async () => {
    const empty = await serve((_request, response) => response.writeHead(404, { 'Content-Encoding': 'gzip' }).end());
    expect(await empty.get()).toEqual(answerOf('', 404));
    const cut = await serve((_request, response) => {
      for (const byte of Buffer.from('"é👍"')) response.write(Buffer.of(byte));
      response.end();
    });
    expect(await cut.get()).toEqual(answerOf('"é👍"'));
  });

  it('drops a byte order mark, and makes U+FFFD of what is no UTF-8', async () => {
    const marked = await serve((_request, response) => response.end('\uFEFF{"a":"\uFEFF"}'));
    expect(await marked.get()).toEqual(answerOf('{"a":"\uFEFF"}'));
    const odd = await serve((_request, response) => response.end(Buffer.of(0x22, 0xff, 0x22)));
    expect(await odd.get()).toEqual(answerOf('"\ufffd"'));
  });

  it('uses few connections, again and again', async () => {
    const server = await serve((_request, response) => void setTimeout(() => response.end('x'), 2), 3);
    await Promise.all(Array.from({ length: 20 }, () => server.get()));
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBe(3);
    expect(server.requests).toHaveLength(20);
  });
});

describe('a network error', () => {
  const network = { kind: 'network', message: expect.stringMatching(/./) };

  it('is a refused connection, by its code', async () => {
    const client = createHttpClient('http://127.0.0.1:1', 1, new AbortController().signal);
    expect(await client.get('/', { headers: [], timeoutMs: 5_000 })).toEqual({
      kind: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    client.close();
  });

  it.each([
    ['closed before any byte', '', 'end'],
    ['reset before any byte', '', 'reset'],
    ['closed within the headers', 'HTTP/1.1 200 OK\r\nContent-Le', 'end'],
    ['closed within a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a":', 'end'],
    ['reset within a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a":', 'reset'],
    ['closed within a chunked body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n', 'end'],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n', 'end'],
    ['of headers without end', `HTTP/1.1 200 OK\r\n${'X-A: a\r\n'.repeat(10_000)}`, 'nothing'],
    ['of chunks that are none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'nothing'],
  ] as const)('is an answer %s', async (_case, bytes, then) => {
    expect(await askRaw(bytes, then)).toEqual(network);
  });

  it.each([
    ['garbage', Buffer.from('not gzip at all')],
    ['a gzip cut in half', gzipSync('x'.repeat(1000)).subarray(0, 20)],
    ['a gzip with another checksum', Buffer.from(gzipSync('abc').with(-6, 1))],
  ])('is a body that is not in the encoding it claims: %s', async (_case, body) => {
    const server = await serve((_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(body));
    expect(await server.get()).toEqual({ kind: 'network', message: 'the body is not in the encoding it claims' });
  });
});
