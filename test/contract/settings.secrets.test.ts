import { describe, expect, it } from 'vitest';
import { parseToken, readSettings } from '../../lambda/contract/read-settings.ts';

const token = 'api-00000000-1111-2222-3333-444444444444';
const read = (environment: Record<string, string>) => readSettings({ flags: {}, environment }, []);

/** The message of the error; empty where there is none. */
function messageOf(environment: Record<string, string>): string {
  try {
    read(environment);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the access token', () => {
  it('loses white space around it', () => {
    expect(read({ LAUNCHDARKLY_ACCESS_TOKEN: ` \t${token}\r\n` }).accessToken).toBe(token);
    expect(parseToken(`${token}\n`)).toEqual({ value: token });
  });

  it.each([
    `${token} ${token}`,
    `Bearer ${token}`,
    `${token}\n${token}`,
    `${token}é`,
    `${token}\u0000x`,
    `${token}\r\nX-Evil: 1`,
    ' ',
    ' \n',
    `\u200b${token}`,
  ])('with white space or odd characters inside is an error that does not show it: %#', (text) => {
    const message = messageOf({ LAUNCHDARKLY_ACCESS_TOKEN: text });
    expect(message).toMatch(/^LAUNCHDARKLY_ACCESS_TOKEN h/);
    expect(message).not.toContain('api-0');
  });

  it('is not needed where a secret is named', () => {
    const environment = { ACCESS_TOKEN_SECRET_ID: 'my/secret' };
    expect(readSettings({ flags: {}, environment }, ['accessToken'])).toMatchObject({ secretId: 'my/secret', accessToken: undefined });
  });
});

describe('the base URL', () => {
  it.each([
    ['https://app.launchdarkly.us', 'https://app.launchdarkly.us'],
    ['https://app.eu.launchdarkly.com/', 'https://app.eu.launchdarkly.com'],
    ['https://proxy.example:8443', 'https://proxy.example:8443'],
    ['HTTPS://App.LaunchDarkly.com', 'https://app.launchdarkly.com'],
    ['http://localhost:3000/', 'http://localhost:3000'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('can be %s', (given, baseUrl) => {
    expect(read({ LAUNCHDARKLY_BASE_URL: given }).baseUrl).toBe(baseUrl);
  });

  it.each([
    'http://app.launchdarkly.com',
    'http://127.0.0.1.example',
    'http://localhost.example',
    'http://10.0.0.1',
    'https://app.launchdarkly.com//',
    'https://app.launchdarkly.com/api',
    'https://app.launchdarkly.com?x=1',
    'https://app.launchdarkly.com/?',
    'https://app.launchdarkly.com#x',
    'app.launchdarkly.com',
    '//app.launchdarkly.com',
    'https://',
    'https://a b',
    'https://launchdarkly.example:99999',
    'ftp://app.launchdarkly.com',
    'https:\\\\app.launchdarkly.com',
  ])('cannot be %s', (given) => {
    expect(messageOf({ LAUNCHDARKLY_BASE_URL: given })).toContain(`LAUNCHDARKLY_BASE_URL is ${JSON.stringify(given)}`);
  });
});

describe('no message shows the credentials of a URL', () => {
  it.each([
    'https://user:s3cr3t@app.launchdarkly.com',
    'https://s3cr3t@app.launchdarkly.com',
    'https://us:s3c@r3t:s3cr3t@app.launchdarkly.com',
    'user:s3cr3t@app.launchdarkly.com',
    '//user:s3cr3t@app.launchdarkly.com',
    ' https://user:s3cr3t@app.launchdarkly.com',
    'http2://user:s3cr3t@app.launchdarkly.com',
    'https://user:s3cr3t/x@app.launchdarkly.com',
    'https://user:x#s3cr3t@app.launchdarkly.com',
    'https://user:s3c?r3t@s3cr3t@app.launchdarkly.com',
  ])('of LAUNCHDARKLY_BASE_URL: %j', (url) => {
    const message = messageOf({ LAUNCHDARKLY_BASE_URL: url });
    expect(message).toContain('LAUNCHDARKLY_BASE_URL is ');
    expect(message).not.toContain('s3cr3t');
  });

  it.each(['TARGETS_URI', 'OUTPUT_URI'])('of %s', (variable) => {
    for (const url of ['https://user:s3cr3t@host.example/targets.json', 's3://AKIA:s3cr3t@bucket/prefix', ' ftp://user:s3cr3t@host']) {
      const message = messageOf({ [variable]: url });
      expect(message).not.toContain('s3cr3t');
    }
  });
});
