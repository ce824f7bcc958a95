import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../lambda/extract/http-client.ts';

/** The names that a client of this host asks for in its TLS greeting, of a server that has a certificate for none. */
async function namesAskedFor(host: string): Promise<string[]> {
  const names: string[] = [];
  const server = createServer({
    SNICallback: (name, done) => {
      names.push(name);
      done(new Error('no certificate'));
    },
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createHttpClient(`https://${host}:${(server.address() as AddressInfo).port}`, 1, new AbortController().signal);
  onTestFinished(() => {
    client.close();
    server.close();
  });
  expect(await client.get('/', { headers: [], timeoutMs: 5_000 })).toMatchObject({ kind: 'network' });
  return names;
}

it('asks for the certificate of a host by its name, and of an address by none', async () => {
  expect(await namesAskedFor('localhost')).toEqual(['localhost']);
  expect(await namesAskedFor('127.0.0.1')).toEqual([]);
});
