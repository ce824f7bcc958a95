import type { Answer } from './http-listener.ts';

const statuses = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  ConditionalRequestConflict: 409,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidDigest: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
} as const;

/** The error codes of S3 that the simulated server answers with. */
export type S3ErrorCode = keyof typeof statuses;

/** An operation that ends in an S3 error answer. */
export class S3Failure extends Error {
  override readonly name = 'S3Failure';
  readonly code: S3ErrorCode;

  constructor(code: S3ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The XML error answer that the SDK turns into an exception named after the code. */
export function answerFailure(failure: S3Failure): Answer {
  return answerXml(statuses[failure.code], `<Error>${element('Code', failure.code)}${element('Message', failure.message)}</Error>`);
}

/** An answer with an XML document for a body. */
export function answerXml(status: number, document: string): Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${document}`);
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

/** One XML element with escaped text. */
export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${String(text).replace(/[&<>"\r\n\t]/g, (char) => `&#${char.charCodeAt(0)};`)}</${name}>`;
}
