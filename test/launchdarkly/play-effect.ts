import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Answer } from './answer.ts';
import type { Effect } from './faults.ts';
import { mergeHeaders, sendAnswer } from './send-answer.ts';

/** Lets an effect take the place of the answer and returns the status that went out, null for none; all timers end with the socket. */
export function playEffect(effect: Effect, answer: Answer, response: ServerResponse, authorization: string): number | null {
  switch (effect.effect) {
    case 'fail':
      return sendAnswer(response, { ...effect, headers: mergeHeaders(answer.headers, effect.headers) });
    case 'echo-token':
      return sendAnswer(response, echo(answer, effect.status, authorization));
    case 'truncate':
      return sendAnswer(response, { ...answer, body: answer.body.slice(0, answer.body.length >> 1) });
    case 'reset':
      if (effect.when === 'mid-body') return resetMidBody(response, answer);
      response.socket?.resetAndDestroy();
      return null;
    case 'hang':
      if (effect.after === 'request') return null;
      response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(answer.body) });
      response.flushHeaders();
      if (effect.after === 'half-body') response.write(firstHalf(answer));
      return answer.status;
    case 'trickle':
      return trickle(response, answer, effect.everyMs, effect.endless);
    case 'gzip-bomb':
      response.writeHead(200, { ...answer.headers, 'Content-Encoding': 'gzip' });
      pipeline(Readable.from(zeros(effect.megabytes)), createGzip({ level: 1 }), response, ignoreClosed);
      return 200;
    case 'endless-body':
      response.writeHead(200, { ...answer.headers });
      pipeline(Readable.from(endless()), response, ignoreClosed);
      return 200;
  }
}

function echo(answer: Answer, status: number, authorization: string): Answer {
  const headers = mergeHeaders(answer.headers, { 'X-Echo': authorization });
  if (status !== 200) {
    const message = `Simulated failure: the token ${authorization} was not understood`;
    return { status, headers, body: JSON.stringify({ code: `echo_${authorization}`, message }) };
  }
  const value = JSON.parse(answer.body) as Record<string, unknown>;
  return { status, headers, body: JSON.stringify({ ...value, description: `seen with ${authorization}`, zEcho: authorization }) };
}

function firstHalf(answer: Answer): Buffer {
  const bytes = Buffer.from(answer.body);
  return bytes.subarray(0, bytes.length >> 1);
}

function resetMidBody(response: ServerResponse, answer: Answer): number {
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(answer.body) });
  // A reset throws away what the client has not read yet, so the half that was sent gets a moment to arrive.
  response.write(firstHalf(answer), () => {
    const timer = setTimeout(() => response.socket?.resetAndDestroy(), 20);
    response.once('close', () => clearTimeout(timer));
  });
  return answer.status;
}

function trickle(response: ServerResponse, answer: Answer, everyMs: number, isEndless: boolean): number {
  const bytes = Buffer.from(answer.body);
  let sent = 0;
  response.writeHead(answer.status, isEndless ? { ...answer.headers } : { ...answer.headers, 'Content-Length': bytes.length });
  response.flushHeaders();
  const timer = setInterval(() => {
    if (isEndless) response.write(' ');
    else if (sent < bytes.length) response.write(bytes.subarray(sent, ++sent));
    else response.end();
  }, everyMs);
  response.once('close', () => clearInterval(timer));
  return answer.status;
}

function* zeros(megabytes: number): Generator<Buffer> {
  const megabyte = Buffer.alloc(1 << 20);
  for (let sent = 0; sent < megabytes; sent++) yield megabyte;
}

function* endless(): Generator<string> {
  yield '{"_id":"';
  const chunk = 'endless '.repeat(8192);
  while (true) yield chunk;
}

/** The client is expected to turn away from these bodies, so a closed socket is no failure of the simulation. */
function ignoreClosed(): void {}
