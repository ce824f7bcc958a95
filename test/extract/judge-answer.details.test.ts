import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { judgeAnswer } from '../../lambda/extract/judge-answer.ts';
import { changed } from '../launchdarkly/odd-group.ts';
import { answerOf } from './answers.ts';

const digestOf = (body: string): string =>
  `(body of ${Buffer.byteLength(body)} bytes not kept, SHA-256 ${createHash('sha256').update(body).digest('hex')})`;

describe.each(['hash', 'omit'] as const)('with MAINTAINER_DETAILS=%s', (details) => {
  const judge = (status: number, body: string, headers = {}) => judgeAnswer(answerOf(status, body, headers), 'odd', details);

  it('a success keeps its body after the change', () => {
    const { body, ...rest } = judge(
      200,
      changed(() => {}),
    );
    expect(rest).toEqual({ status: 'succeeded', http_status: 200, error_code: null, error_message: null });
    expect(JSON.parse(body ?? '')).toMatchObject({ key: 'odd', maintainer: { kind: 'member', _member: { role: 'admin' } } });
    expect(body).not.toMatch(/acme|Ariel|Flores/);
  });

  it.each<[string, number, string, string]>([
    ['not_found', 404, JSON.stringify({ code: 'not_found', message: 'No ariel@acme.example here ü' }), 'not_found'],
    ['forbidden', 403, JSON.stringify({ code: 'forbidden', message: 'ariel@acme.example may not' }), 'forbidden'],
    ['failed', 503, '<p>ariel@acme.example</p>', 'http_503'],
    ['invalid', 400, JSON.stringify({ code: 'ariel@acme.example', message: 'x' }), 'http_400'],
    ['invalid', 204, '', 'http_204'],
  ])('the body of a %s (%i) is told by length and SHA-256 alone', (status, httpStatus, body, code) => {
    expect(judge(httpStatus, body)).toStrictEqual({
      status,
      http_status: httpStatus,
      error_code: code,
      error_message: `LaunchDarkly answered ${httpStatus} ${digestOf(body)}`,
      body: null,
    });
  });

  it.each<[string, string]>([
    ['$.name is a number, not a string', changed((group) => Object.assign(group, { name: 1234567 }))],
    ['$._creationDate is a string, not an instant in milliseconds', changed((group) => Object.assign(group, { _creationDate: 'Ariel' }))],
    ['$.metrics[0] is a string, not an object', changed((group) => Object.assign(group, { metrics: ['Ariel'] }))],
    ['$.tags[0] is an object, not a string', changed((group) => Object.assign(group, { tags: [{ email: 'Ariel' }] }))],
    ['$.key is another than asked for', changed((group) => Object.assign(group, { key: 'Ariel' }))],
    ['$.kind is missing', changed((group) => delete group['kind'])],
    ['$ is a string, not an object', '"Ariel"'],
    ['$: the answer is not JSON', 'Ariel'],
  ])('an unusable answer names the path and quotes nothing: %s', (problem, body) => {
    expect(judge(200, body)).toStrictEqual({
      status: 'invalid',
      http_status: 200,
      error_code: 'invalid_body',
      error_message: `${problem} ${digestOf(body)}`,
      body: null,
    });
  });

  it('a body over 16 MiB has nothing to be told by', () => {
    expect(judgeAnswer({ kind: 'answer', status: 200, headers: {}, body: 'too large' }, 'odd', details)).toStrictEqual({
      status: 'invalid',
      http_status: 200,
      error_code: 'invalid_body',
      error_message: '$: the answer is larger than 16 MiB',
      body: null,
    });
  });
});
