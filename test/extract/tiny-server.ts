import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createHttpClient, type HttpClient, type HttpResult } from '../../lambda/extract/http-client.ts';

/** A server for one test, and a client of it; both end with the test. */
export type TinyServer = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly client: HttpClient;
  readonly requests: readonly IncomingMessage[];
  /** Connections that are open. */
  connections(): Promise<number>;
  /** @param options With a signal, a client of that signal asks. */
  get(options?: { timeoutMs?: number; signal?: AbortSignal; path?: string; headers?: string[] }): Promise<HttpResult>;
};

/** Starts a server on 127.0.0.1 that answers every request so. */
export async function serve(handle: RequestListener, maxConnections = 4): Promise<TinyServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createHttpClient(url, maxConnections, new AbortController().signal);
  onTestFinished(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url,
    client,
    requests,
    connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    get: async ({ timeoutMs = 5_000, signal, path = '/', headers = [] } = {}) => {
      if (signal === undefined) return client.get(path, { headers, timeoutMs });
      const ended = createHttpClient(url, maxConnections, signal);
      onTestFinished(() => ended.close());
      return ended.get(path, { headers, timeoutMs });
    },
  };
}

/** Asks a server once that sends these bytes to whoever connects, and then does as told. */
export async function askRaw(bytes: string | Buffer, then: 'end' | 'reset' | 'nothing', timeoutMs = 5_000): Promise<HttpResult> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(bytes, () => {
        if (then === 'end') socket.end();
        if (then === 'reset') socket.resetAndDestroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = createHttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 1, new AbortController().signal);
  try {
    return await client.get('/', { headers: [], timeoutMs });
  } finally {
    client.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
