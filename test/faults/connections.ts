import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type Fault, promise, type Trial } from './fault.ts';
import { secretToken } from './secrets.ts';
import { createStage, type Stage, smallWorld } from './stage.ts';

/** Listens until the trial ends, and notes every byte that comes. */
async function listen(trial: Trial, server: Server, heard: string[]): Promise<number> {
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => heard.push(bytes.toString('latin1')));
    trial.onTestFinished(async () => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  trial.onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

function makeCertificate(stage: Stage): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(stage.folder, 'key.pem'), join(stage.folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

type Case = (trial: Trial, stage: Stage, heard: string[]) => Promise<string>;
const cases: Readonly<Record<string, Case>> = {
  'a name that is none': async () => 'https://launchdarkly.invalid',
  'a port that is closed': async () => 'http://127.0.0.1:1',
  'no TLS where TLS is due': async (trial, _stage, heard) =>
    `https://127.0.0.1:${await listen(
      trial,
      createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      heard,
    )}`,
  'a certificate that nobody signed': async (trial, stage, heard) => {
    const server = createTlsServer(makeCertificate(stage), (request, response) => {
      heard.push(JSON.stringify(request.headers));
      response.end('{}');
    });
    return `https://localhost:${await listen(trial, server, [])}`;
  },
  'a server that hangs up': async (trial) =>
    `http://127.0.0.1:${await listen(
      trial,
      createServer((socket) => socket.destroy()),
      [],
    )}`,
  'an answer that is no HTTP': async (trial) =>
    `http://127.0.0.1:${await listen(
      trial,
      createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')),
      [],
    )}`,
  'headers without end': async (trial) =>
    `http://127.0.0.1:${await listen(
      trial,
      createServer((socket) => socket.write(`HTTP/1.1 200 OK\r\nX-Fill: ${'x'.repeat(200_000)}`)),
      [],
    )}`,
};

/** LaunchDarkly's address does not lead to LaunchDarkly. */
export const connections: Fault = {
  name: 'no connection: DNS, TLS, ports, protocols',
  promise:
    'The run ends with 1, names the cause and writes nothing; the token leaves the machine only over TLS with a certificate that holds.',
  trials: { usual: Object.keys(cases).length, long: 140 },
  run: async (trial) => {
    const [name = '', open] = Object.entries(cases)[trial.number % Object.keys(cases).length] ?? [];
    const stage = await createStage(trial, { world: smallWorld });
    const heard: string[] = [];
    const url = (await open?.(trial, stage, heard)) ?? '';
    const { exitCode, stdout, stderr } = await stage.sync(['--base-url', url, '--max-attempts', '2', '--request-timeout-ms', '3000']);
    promise(exitCode === 1 && stdout === '' && !stderr.includes('unexpected error'), `${name}: exit code ${exitCode}`, stderr);
    promise(/cannot be listed: \S+/.test(stderr), `${name}: the cause is not named`, stderr);
    promise(!heard.join('').includes(secretToken), `${name}: the token was sent`);
    promise(stage.objectsNow().size === 0, `${name}: something is written`, [...stage.objectsNow().keys()]);
    return 'stopped with 1';
  },
};
