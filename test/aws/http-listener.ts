import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A whole request, body included; `target` is the undecoded path with its query. */
export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What goes back over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The connection is reset in the middle of the body. */
  readonly isCutShort?: boolean;
}

/** Decides on a request: an answer, or a TCP reset instead of one. `closing` fires when the server is closed. */
export type Respond = (request: ReceivedRequest, closing: AbortSignal) => Promise<Answer | 'reset'>;

/** A running server on 127.0.0.1. */
export interface HttpListener {
  readonly url: string;
  /** Cuts all connections and ends at once. */
  close(): Promise<void>;
}

/** Starts an HTTP server on a free port of 127.0.0.1; a request cut off within its body never reaches `respond`. */
export async function listenLocally(respond: Respond): Promise<HttpListener> {
  const closing = new AbortController();
  const server = createServer((incoming, response) => {
    serve(incoming, response, respond, closing.signal).catch((error: unknown) => {
      if (!closing.signal.aborted && incoming.complete) console.error('simulated server failed:', error);
      incoming.socket.destroy();
    });
  });
  // Idle connections stay open: a time limit here would reset a client's socket at random.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(incoming: IncomingMessage, response: ServerResponse, respond: Respond, closing: AbortSignal): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = 'GET', url: target = '/', headers } = incoming;
  const answer = await respond({ method, target, headers, body: Buffer.concat(chunks) }, closing);
  if (answer === 'reset') {
    incoming.socket.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, { 'content-length': answer.body.length, ...answer.headers });
  if (answer.isCutShort !== true) return void response.end(answer.body);
  // A reset throws away what the client has not read yet, so the half that was sent gets a moment to arrive.
  response.write(answer.body.subarray(0, answer.body.length >> 1), () => setTimeout(() => incoming.socket.resetAndDestroy(), 20).unref());
}
