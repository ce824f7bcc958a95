import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHttpClient, maxBodyBytes } from '../../lambda/extract/http-client.ts';
import { askRaw, serve } from './tiny-server.ts';

const sixteenMiB = 16 * 1024 * 1024;
const tooLarge = { kind: 'answer', status: 200, headers: expect.anything(), body: 'too large' };

describe('the size of a body', () => {
  it('is allowed up to 16 MiB after decoding, and not a byte more', async () => {
    expect(maxBodyBytes).toBe(sixteenMiB);
    const server = await serve((request, response) => {
      const body = Buffer.alloc(sixteenMiB + (request.url?.includes('more') ? 1 : 0), 'x');
      if (request.url?.includes('gzip')) response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(body, { level: 1 }));
      else response.end(body);
    });
    for (const path of ['/plain', '/gzip']) {
      const whole = await server.get({ path });
      expect(whole.kind === 'answer' && whole.body.length).toBe(sixteenMiB);
    }
    for (const path of ['/plain-more', '/gzip-more']) expect(await server.get({ path })).toEqual(tooLarge);
  });

  it('is bounded while a bomb is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024), { level: 1 });
    const server = await serve((_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb));
    const before = process.memoryUsage().arrayBuffers;
    expect(await server.get()).toEqual(tooLarge);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * sixteenMiB);
  });

  it('is bounded where it never ends, and the connection is closed', async () => {
    let sent = 0;
    const server = await serve((_request, response) => {
      const chunk = Buffer.alloc(65536, ' ');
      const write = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', write);
      write();
    });
    expect(await server.get({ timeoutMs: 20_000 })).toEqual(tooLarge);
    await expect.poll(() => server.connections(), { timeout: 10_000 }).toBe(0);
    expect(sent).toBeLessThan(4 * sixteenMiB);
  });
});

describe('the time of a request', () => {
  const within = async (ask: () => Promise<unknown>): Promise<number> => {
    const startedAt = performance.now();
    await ask();
    return performance.now() - startedAt;
  };

  it.each<[string, string | undefined]>([
    ['before any byte', undefined],
    ['after half of the headers', 'HTTP/1.1 200 OK\r\nContent-Len'],
    ['after the headers', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'],
    ['within the body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a"'],
    ['after a status that promises another', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('ends where a server falls silent %s', async (_case, bytes) => {
    expect(await askRaw(bytes ?? '', 'nothing', 60)).toEqual({ kind: 'timeout' });
  });

  it('ends where protocols are switched that nobody asked to', async () => {
    const result = await askRaw('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', 'nothing', 5_000);
    expect(result).toMatchObject({ kind: 'answer', status: 101, body: '' });
  });

  it('includes the body, however steadily it trickles, and the connection is closed', async () => {
    const server = await serve((_request, response) => {
      const timer = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(timer));
    });
    const tookMs = await within(async () => expect(await server.get({ timeoutMs: 100 })).toEqual({ kind: 'timeout' }));
    expect(tookMs).toBeGreaterThan(90);
    expect(tookMs).toBeLessThan(1_000);
    await expect.poll(() => server.connections(), { timeout: 10_000 }).toBe(0);
  });

  it('does not end an answer that came in time', async () => {
    const server = await serve((_request, response) => {
      response.write('{');
      setTimeout(() => response.end('}'), 30);
    });
    expect(await server.get({ timeoutMs: 3_000 })).toMatchObject({ kind: 'answer', body: '{}' });
  });
});

describe('an aborted signal', () => {
  const reason = new Error('the run must end');

  it('ends a request under way at once, with the reason, and closes the connection', async () => {
    const controller = new AbortController();
    const server = await serve((_request, response) => {
      response.write('{');
      setTimeout(() => controller.abort(reason), 10);
    });
    const startedAt = performance.now();
    await expect(server.get({ signal: controller.signal })).rejects.toBe(reason);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await expect.poll(() => server.connections(), { timeout: 10_000 }).toBe(0);
  });

  it('sends nothing any more', async () => {
    const server = await serve((_request, response) => response.end());
    await expect(server.get({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('changes nothing about what is already answered, and leaves no listener behind', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const counted = Object.assign(Object.create(null), {
      get aborted() {
        return signal.aborted;
      },
      get reason() {
        return signal.reason;
      },
      addEventListener: (type: 'abort', listener: () => void, options: object) => {
        listeners++;
        signal.addEventListener(type, listener, options);
      },
      removeEventListener: (type: 'abort', listener: () => void) => {
        listeners--;
        signal.removeEventListener(type, listener);
      },
    }) as AbortSignal;
    const server = await serve((_request, response) => response.end('{}'));
    const client = createHttpClient(server.url, 1, counted);
    for (let n = 0; n < 20; n++) expect(await client.get('/', { headers: [], timeoutMs: 5_000 })).toMatchObject({ body: '{}' });
    expect(listeners).toBe(1);
    client.close();
    expect(listeners).toBe(0);
    controller.abort(reason);
    expect(server.requests).toHaveLength(20);
  });
});

it('ends all kept connections when it is closed', async () => {
  const server = await serve((_request, response) => response.end('{}'));
  await server.get();
  expect(await server.connections()).toBe(1);
  server.client.close();
  await expect.poll(() => server.connections(), { timeout: 10_000 }).toBe(0);
});
