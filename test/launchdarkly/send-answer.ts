import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Answer } from './answer.ts';
import type { HeaderChanges } from './faults.ts';

/** Sends a whole answer and returns its status. */
export function sendAnswer(response: ServerResponse, answer: Answer, zipped = false): number {
  if (zipped) {
    const bytes = gzipSync(answer.body, { level: 1 });
    response.writeHead(answer.status, { ...answer.headers, 'Content-Encoding': 'gzip', 'Content-Length': bytes.length });
    response.end(bytes);
    return answer.status;
  }
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
  return answer.status;
}

/** Sets and drops headers by name, whatever the case of the letters. */
export function mergeHeaders(
  headers: Readonly<Record<string, string | string[]>>,
  changes: HeaderChanges,
): Record<string, string | string[]> {
  const changed = new Set(Object.keys(changes).map((name) => name.toLowerCase()));
  const merged: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (!changed.has(name.toLowerCase())) merged[name] = value;
  for (const [name, value] of Object.entries(changes)) if (value !== null) merged[name] = typeof value === 'string' ? value : [...value];
  return merged;
}
