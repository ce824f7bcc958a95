// Stands in for the native half of aws-lambda-ric, which is built on install: the same three calls, over node:http.
const { request } = require('node:http');
const Module = require('node:module');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
let posted = Promise.resolve();

const send = (method, path, body, headers = {}) =>
  new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path: `/2018-06-01/runtime/invocation/${path}`, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ bodyJson: Buffer.concat(chunks).toString('utf8'), headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

const post = (path, body, headers) => {
  posted = posted.then(() => send('POST', path, body, headers));
};

const client = {
  initializeClient: () => {},
  next: () => posted.then(() => send('GET', 'next')),
  done: (id, body) => post(`${id}/response`, body),
  error: (id, body, xray) => post(`${id}/error`, body, { 'X-Recorded-Cause': Buffer.from(String(xray)).toString('base64') }),
};

// Tells the benchmark what is left between invocations: what is alive once the garbage is collected, and what the loop waits for.
process.on('SIGUSR2', () => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const left = { liveBytes: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo() };
  process.stderr.write(`left ${JSON.stringify(left)}\n`);
});

const load = Module._load;
Module._load = (name, ...rest) => (name === './rapid-client.node' ? client : load(name, ...rest));
