/**
 * The names of the fields of log lines, all in one list.
 *
 * Dashboards and alerts are built on these names, so they are Distribution's and do not change.
 *
 * Source: reference of Distribution, "Application log".
 *
 * @module
 */

/** Every field that the program itself writes. */
export const LOG_FIELDS = {
  /** Made anew at each start of the program. */
  instanceId: "instance.id",
  version: "version",

  requestId: "http.request.id",
  requestMethod: "http.request.method",
  requestHost: "http.request.host",
  requestUri: "http.request.uri",
  requestRemoteAddress: "http.request.remoteaddr",
  requestReferer: "http.request.referer",
  requestUserAgent: "http.request.useragent",
  requestContentType: "http.request.contenttype",

  name: "vars.name",
  reference: "vars.reference",
  digest: "vars.digest",
  uuid: "vars.uuid",

  userName: "auth.user.name",
  /** Why somebody was not let in. */
  authFailure: "auth.failure",
  /** The user of a file of users that was made because there was none. */
  newUserName: "user",
  /** The only place where the password of that user is told; a name that is not taken for a secret. */
  newUserPassword: "password.new",

  responseStatus: "http.response.status",
  /** Bytes of the body. */
  responseWritten: "http.response.written",
  /** As Go writes durations, such as `1.5ms`. */
  responseDuration: "http.response.duration",
  responseContentType: "http.response.contenttype",

  /** The code of an API error in lower case, with blanks for underscores. */
  errorCode: "err.code",
  errorMessage: "err.message",
  errorDetail: "err.detail",
  /** Where an unexpected error came from. */
  errorStack: "err.stack",

  /** The key of the configuration that a warning is about. */
  configKey: "config.key",
  /** What to do about it. */
  configAdvice: "config.advice",
  /** Where its value came from. */
  configSource: "config.source",

  /** Host names of a certificate. */
  hosts: "hosts",
  /** Log lines that were lost. */
  lines: "lines",
  /** Listeners that a service manager passed. */
  listeners: "listeners",
  /** Requests that were not finished. */
  requests: "requests",
  /** Signal that asked the program to end. */
  signal: "signal",
  /** As Go writes durations. */
  timeout: "timeout",

  /** A place in the storage. */
  path: "path",
  /** When an upload began. */
  startedAt: "startedat",
  /** Uploads that began before this are purged. */
  startedBefore: "startedbefore",
  /** Whether a purge only tells what it would do. */
  dryRun: "dryrun",
  /** Uploads that a purge removed. */
  purged: "purged",
  /** Uploads and folders that a purge could not read or remove. */
  failed: "failed",
} as const;

/** The name of a field that the program itself writes. */
export type LogField = typeof LOG_FIELDS[keyof typeof LOG_FIELDS];

/** Fields of a log line; what is `undefined` is left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Fields that the short form for terminals leaves out: the same on each line, or longer than they
 * are worth to a person who sits before the machine.
 */
export const DETAIL_FIELDS: ReadonlySet<string> = new Set<LogField>([
  LOG_FIELDS.instanceId,
  LOG_FIELDS.version,
  LOG_FIELDS.requestId,
  LOG_FIELDS.requestHost,
  LOG_FIELDS.requestRemoteAddress,
  LOG_FIELDS.requestUserAgent,
  LOG_FIELDS.responseContentType,
]);
