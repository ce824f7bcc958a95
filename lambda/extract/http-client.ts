import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { describeError } from '../errors.ts';
import { createBag } from './bag.ts';
import type { Headers } from './rate-limit-headers.ts';

/** The most of a body that is read, after decoding; no metric group comes near. */
export const maxBodyBytes = 16 * 1024 * 1024;

/** What a body holds. */
export type ReadBody = { readonly json: unknown } | 'too large' | 'nested too deep' | 'not JSON';

/** A whole answer; `read` is filled by whoever reads its body first. */
export type HttpAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | 'too large';
  read?: ReadBody | undefined;
};

/** What became of one request: a whole answer, or why there is none. */
export type HttpResult = HttpAnswer | { readonly kind: 'timeout' } | { readonly kind: 'network'; readonly message: string };

/** Sends GETs over kept-alive connections, follows no redirect, and bounds time and size. */
export type HttpClient = {
  /**
   * Sends one GET. It never rejects for what the server does.
   * @param options.headers Names and values in turn, besides `Host` and `Accept-Encoding`.
   * @throws the signal's reason once the signal is aborted
   */
  get(path: string, options: { readonly headers: readonly string[]; readonly timeoutMs: number }): Promise<HttpResult>;
  /** Ends all connections at once. */
  close(): void;
};

const decoders: Readonly<Record<string, (body: Buffer, limits: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * Makes a client for one origin.
 * `node:http` and not `fetch`: a third of the CPU per request, and its connections can be ended with the run.
 * @param signal Ends all requests under way, and lets none begin any more, once it is aborted.
 */
export function createHttpClient(origin: string, maxConnections: number, signal: AbortSignal): HttpClient {
  const { protocol, hostname, port, host } = new URL(origin);
  const address = hostname.replace(/^\[|\]$/g, '');
  // Not `import`: the namespace of a built-in module touches getters that load undici, 18 ms before the first request.
  const { Agent, request } = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections });
  // All its connections are alike; Node would spell out the options of each several times a request.
  agent.getName = () => origin;
  // What Node would work out for each request: the name for TLS, and headers one by one where they do not come as a list.
  const servername = isIP(address) === 0 ? address : '';
  const target = { protocol, hostname: address, port: port === '' ? undefined : port, servername, agent };
  const ownHeaders = ['Host', host, 'Accept-Encoding', 'gzip'];
  // One listener for all requests: one for each would cost an eighth of the request.
  const underWay = createBag<() => void>();
  const onAbort = (): void => {
    for (const abort of underWay.items()) abort();
  };
  signal.addEventListener('abort', onAbort, { once: true });

  return {
    get: (path, { headers, timeoutMs }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const sent = request({ ...target, path, headers: [...ownHeaders, ...headers] });
        const settle = (result: HttpResult): void => {
          clearTimeout(timer);
          remove();
          resolve(result);
        };
        const abort = (): void => {
          clearTimeout(timer);
          remove();
          reject(signal.reason);
          sent.destroy();
        };
        const remove = underWay.add(abort);
        const timer = setTimeout(() => {
          settle({ kind: 'timeout' });
          sent.destroy();
        }, timeoutMs);
        const onError = (error: unknown): void => settle({ kind: 'network', message: describeError(error) });
        sent.on('error', onError);
        sent.on('response', (response) => {
          response.on('error', onError);
          receiveBody(response).then(
            (body) => settle({ kind: 'answer', status: response.statusCode ?? 0, headers: headersOf(response), body }),
            onError,
          );
        });
        // Nobody asked for another protocol: it is an answer without a body.
        sent.on('upgrade', (response, socket) => {
          socket.destroy();
          settle({ kind: 'answer', status: response.statusCode ?? 0, headers: headersOf(response), body: '' });
        });
        sent.end();
      }),
    close: () => {
      signal.removeEventListener('abort', onAbort);
      agent.destroy();
    },
  };
}

/** Node gives one header as a list, and none that is read here: `Set-Cookie`. */
const headersOf = (response: IncomingMessage): Headers => response.headers as Headers;

/** Collects a body by its events: a stream's async iterator costs a tenth of a whole request. */
function collect(response: IncomingMessage): Promise<Buffer | 'too large'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isWhole = false;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= maxBodyBytes) return;
      resolve('too large');
      response.destroy();
    });
    response.on('end', () => {
      isWhole = true;
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    response.on('error', reject);
    // It closes after every body as well, and an error for each would cost a tenth of the request: it takes down its stack.
    response.on('close', () => {
      if (!isWhole) reject(new Error('the connection ended in the middle of the body'));
    });
  });
}

async function receiveBody(response: IncomingMessage): Promise<string | 'too large'> {
  const received = await collect(response);
  if (received === 'too large') return received;
  const decode = decoders[(response.headers['content-encoding'] ?? '').trim().toLowerCase()];
  try {
    // An empty body may claim any encoding (RFC 9110, 8.4).
    const decoded = decode === undefined || received.length === 0 ? received : await decode(received, { maxOutputLength: maxBodyBytes });
    const text = decoded.toString('utf8');
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return 'too large';
    throw new Error('the body is not in the encoding it claims', { cause: error });
  }
}
