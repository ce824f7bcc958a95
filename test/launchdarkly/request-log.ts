import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ParsedRequest, RouteName } from './request.ts';

/** One request and how it was answered. */
export interface RequestLogEntry {
  /** Arrival in unix ms by the server's clock. */
  readonly at: number;
  readonly method: string;
  readonly route: RouteName;
  readonly path: string;
  readonly query: string;
  readonly projectKey?: string;
  readonly metricGroupKey?: string;
  /** As Node joins them: a header that was sent twice shows as `a, b`. */
  readonly headers: Readonly<Record<(typeof loggedHeaders)[number], string | undefined>>;
  /** Requests that were still open when this one came, itself included. */
  readonly open: number;
  /** The status that went out, null while or if none did. */
  readonly status: number | null;
  readonly rateLimited: boolean;
}

const loggedHeaders = ['authorization', 'ld-api-version', 'user-agent', 'accept', 'accept-encoding', 'host', 'connection'] as const;

/** A log that tests read. */
export interface RequestLog {
  readonly entries: readonly RequestLogEntry[];
  /** Notes a request; undefined where no log is kept. */
  arrived(
    at: number,
    request: ParsedRequest,
    incoming: IncomingMessage,
    rateLimited: boolean,
    response: ServerResponse,
  ): { answered(status: number | null): void } | undefined;
}

/** Creates an empty log, which stays empty if it is not to be kept. */
export function createRequestLog(kept: boolean): RequestLog {
  const entries: RequestLogEntry[] = [];
  let open = 0;
  return {
    entries,
    arrived(at, request, incoming, rateLimited, response) {
      if (!kept) return undefined;
      open++;
      response.once('close', () => open--);
      const { authorization: _, apiVersion: __, ...asked } = request;
      const headers = Object.fromEntries(loggedHeaders.map((name) => [name, incoming.headers[name]?.toString()]));
      const entry = { at, ...asked, headers: headers as RequestLogEntry['headers'], open, status: null as number | null, rateLimited };
      entries.push(entry);
      return {
        answered(status) {
          entry.status = status;
        },
      };
    },
  };
}
