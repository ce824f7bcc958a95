import { describe, expect, it } from 'vitest';
import type { Status } from '../../lambda/contract/raw.ts';
import type { HttpResult } from '../../lambda/extract/http-client.ts';
import { isPassing, judgeAnswer } from '../../lambda/extract/judge-answer.ts';
import { changed, nestedJson, withMember, withText } from '../launchdarkly/odd-group.ts';
import { answerOf } from './answers.ts';

const judge = (result: HttpResult) => judgeAnswer(result, 'odd', 'keep');
const valid = changed(() => {});

describe('the table of outcomes', () => {
  it('calls a valid 200 succeeded and keeps its text as received', () => {
    const body = ` ${valid}\n`;
    expect(judge(answerOf(200, body))).toStrictEqual({
      status: 'succeeded',
      http_status: 200,
      error_code: null,
      error_message: null,
      body,
    });
  });

  it.each<[number, Status]>([
    [404, 'not_found'],
    [403, 'forbidden'],
    [408, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
    [599, 'failed'],
    [301, 'invalid'],
    [302, 'invalid'],
    [304, 'invalid'],
    [308, 'invalid'],
    [201, 'invalid'],
    [204, 'invalid'],
    [206, 'invalid'],
    [400, 'invalid'],
    [405, 'invalid'],
    [410, 'invalid'],
    [418, 'invalid'],
    [499, 'invalid'],
    [600, 'invalid'],
    [999, 'invalid'],
  ])('calls %i %s, with LaunchDarkly’s own code and words', (httpStatus, status) => {
    const body = JSON.stringify({ code: 'some_code', message: 'As LaunchDarkly said.' });
    expect(judge(answerOf(httpStatus, body))).toStrictEqual({
      status,
      http_status: httpStatus,
      error_code: 'some_code',
      error_message: 'As LaunchDarkly said.',
      body,
    });
  });

  it.each([
    ['nothing', ''],
    ['a page', '<!doctype html>'],
    ['an empty object', '{}'],
    ['empty texts', '{"code":"","message":""}'],
    ['values of other types', '{"code":5,"message":["x"]}'],
    ['a list', '[{"code":"x"}]'],
    ['null', 'null'],
  ])('falls back to the status where an error says %s', (_case, body) => {
    expect(judge(answerOf(503, body))).toStrictEqual({
      status: 'failed',
      http_status: 503,
      error_code: 'http_503',
      error_message: 'LaunchDarkly answered 503 without a message',
      body,
    });
  });

  it('tells a redirect, and repeats nothing of where it leads', () => {
    expect(judge(answerOf(302, '', { location: 'https://login.example/path?secret=1' }))).toStrictEqual({
      status: 'invalid',
      http_status: 302,
      error_code: 'http_302',
      error_message: 'LaunchDarkly answered 302, a redirect, which is not followed; check LAUNCHDARKLY_BASE_URL',
      body: '',
    });
  });

  it('calls time-outs and network errors failed, without a status', () => {
    const none = { status: 'failed', http_status: null, body: null };
    expect(judge({ kind: 'timeout' })).toStrictEqual({
      ...none,
      error_code: 'timeout',
      error_message: 'no whole answer within the time limit of a request',
    });
    expect(judge({ kind: 'network', message: 'ECONNRESET: socket hang up' })).toStrictEqual({
      ...none,
      error_code: 'network',
      error_message: 'ECONNRESET: socket hang up',
    });
  });

  it('calls a body over 16 MiB invalid and keeps none of it', () => {
    expect(judge({ kind: 'answer', status: 200, headers: {}, body: 'too large' })).toStrictEqual({
      status: 'invalid',
      http_status: 200,
      error_code: 'invalid_body',
      error_message: '$: the answer is larger than 16 MiB',
      body: null,
    });
    expect(judge({ kind: 'answer', status: 404, headers: {}, body: 'too large' })).toMatchObject({ status: 'not_found', body: null });
  });

  it('calls what other readers could not unpack invalid, for its nesting', () => {
    expect(judge(answerOf(200, withMember(`"z":${nestedJson(498)}`)))).toMatchObject({ status: 'succeeded' });
    expect(judge(answerOf(200, withMember(`"z":${nestedJson(5000)}`)))).toMatchObject({
      status: 'invalid',
      error_message: '$: the answer is nested deeper than 500 levels',
    });
    expect(judge(answerOf(200, '['.repeat(5_000_000)))).toMatchObject({ status: 'invalid', error_code: 'invalid_body' });
  });
});

describe('the message of an unusable 200', () => {
  it.each<[string, string]>([
    ['not JSON', '$: the answer is not JSON'],
    ['[]', '$ is a list, not an object'],
    ['null', '$ is null, not an object'],
    ['"odd"', '$ is "odd" (a string), not an object'],
    ['{}', '$._id is missing'],
    [changed((group) => delete group['name']), '$.name is missing'],
    [changed((group) => Object.assign(group, { kind: null })), '$.kind is null, not a string'],
    [changed((group) => Object.assign(group, { tags: ['a', 5] })), '$.tags[1] is 5 (a number), not a string'],
    [changed((group) => Object.assign(group, { metrics: {} })), '$.metrics is an object, not a list of objects'],
    [changed((group) => delete group['metrics'][1]['kind']), '$.metrics[1].kind is missing'],
    [changed((group) => Object.assign(group['metrics'], { 1: null })), '$.metrics[1] is null, not an object'],
    [
      changed((group) => Object.assign(group['experiments'][0], { creationDate: 'soon' })),
      '$.experiments[0].creationDate is "soon" (a string), not an instant in milliseconds',
    ],
    [withText('2147483648', '_version'), '$._version is 2147483648 (a number), not a 32-bit whole number'],
    [changed((group) => Object.assign(group, { key: 'even' })), '$.key is "even", another than asked for'],
  ])('names the JSON path: %#', (body, message) => {
    expect(judge(answerOf(200, body))).toStrictEqual({
      status: 'invalid',
      http_status: 200,
      error_code: 'invalid_body',
      error_message: message,
      body,
    });
  });

  it('quotes no more than a line’s worth', () => {
    const name = changed((group) => Object.assign(group, { name: { toString: 1 }, key: 'k'.repeat(5000) }));
    expect(judge(answerOf(200, name)).error_message?.length).toBeLessThan(200);
    const key = changed((group) => Object.assign(group, { key: 'k'.repeat(5000) }));
    expect(judge(answerOf(200, key)).error_message?.length).toBeLessThan(200);
  });
});

describe('another attempt is made', () => {
  const passing: readonly HttpResult[] = [
    { kind: 'timeout' },
    { kind: 'network', message: 'x' },
    answerOf(408),
    ...[500, 502, 503, 504, 599].map((status) => answerOf(status)),
    answerOf(200, ''),
    answerOf(200, '<!doctype html>'),
  ];
  const final: readonly HttpResult[] = [
    answerOf(200, valid),
    answerOf(200, '{}'),
    answerOf(200, 'null'),
    ...[201, 204, 301, 302, 400, 401, 403, 404, 405, 409, 410, 422].map((status) => answerOf(status)),
    { kind: 'answer', status: 200, headers: {}, body: 'too large' },
    answerOf(200, '['.repeat(5_000)),
  ];

  it('where it may end otherwise', () => {
    expect(passing.map(isPassing)).toEqual(passing.map(() => true));
  });

  it('nowhere else', () => {
    expect(final.map(isPassing)).toEqual(final.map(() => false));
  });

  it('not for a status that HTTP does not know: only 5xx passes', () => {
    expect([600, 799, 999].map((status) => isPassing(answerOf(status)))).toEqual([false, false, false]);
  });
});
