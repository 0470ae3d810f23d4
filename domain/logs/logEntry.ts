/** Cloud Logging's severities, gravest last (https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#logseverity). */
export const SEVERITIES = [
  'DEFAULT',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * Which of a service's logs (https://cloud.google.com/run/docs/logging): what the container writes, what Cloud Run says of its
 * instances (`run.googleapis.com/varlog/system`), requests, and others, as audit logs.
 */
export type LogName = 'stdout' | 'stderr' | 'system' | 'requests' | 'other';

/** A line of a Cloud Run service's logs. */
export interface LogEntry {
  /** RFC 3339 with nine digits of a second, in UTC: as strings these sort as the times do. */
  readonly at: string;
  /** Unlike that of any other entry: Cloud Logging tells entries apart by log, time and `insertId`. */
  readonly id: string;
  /** Cloud Logging's; where that is DEFAULT, what the line says of itself. */
  readonly severity: Severity;
  readonly log: LogName;
  /** Short name; empty for an entry of the service as a whole. */
  readonly revision: string;
  /** Cloud Run's id of the instance, some 200 characters; absent for a request that reached none. */
  readonly instance?: string;
  /** May be of several lines. Never an address of a caller, a query or a secret. */
  readonly text: string;
}

/** `LogEntry` as Cloud Logging's JSON has it, the part that is read. */
export interface RawLogEntry {
  readonly insertId?: string;
  readonly timestamp?: string;
  readonly severity?: string;
  readonly logName?: string;
  readonly textPayload?: string;
  readonly jsonPayload?: Readonly<Record<string, unknown>>;
  readonly protoPayload?: {
    readonly methodName?: string;
    readonly status?: { readonly message?: string };
  };
  readonly labels?: Readonly<Record<string, string>>;
  readonly resource?: { readonly labels?: Readonly<Record<string, string>> };
  readonly httpRequest?: {
    readonly requestMethod?: string;
    readonly requestUrl?: string;
    readonly status?: number;
    readonly latency?: string;
  };
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** `2026-11-25T03:04:05.25Z` with all nine digits. */
export function nanosecondTime(time: string): string {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  if (seconds === undefined) return nanosecondTime(new Date(time).toISOString()); // an offset other than Z
  return `${seconds}.${fraction.padEnd(9, '0').slice(0, 9)}Z`;
}

/** Seconds from one `at` to another. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/**
 * Python's levels as vLLM's formatter writes them, behind an optional process name:
 * `(EngineCore pid=28) ERROR 06-02 00:51:39 [core.py:1136] …`; uvicorn's `INFO:     …`; and the last line of a traceback.
 * Cloud Run gives each line of text the severity DEFAULT, stderr's too: what is wrong is said by the line itself alone.
 */
const LEVEL = String.raw`^(\([^)]*\) )?(DEBUG|INFO|WARNING|ERROR|CRITICAL)(:| \d\d-\d\d )`;
const EXCEPTION = String.raw`^(\([^)]*\) )?[A-Za-z_.]*(Error|Exception)(:|$)`;
/** The same for Cloud Logging's `=~`, which is RE2: whatever may be a warning or worse. */
export const GRAVE_LINE = String.raw`(?m)^(\([^)]*\) )?((WARNING|ERROR|CRITICAL)(:| )|[A-Za-z_.]*(Error|Exception)(:|$))`;

function statedSeverity(text: string): Severity {
  const level = new RegExp(LEVEL).exec(text)?.[2];
  if (level !== undefined) return level as Severity;
  return new RegExp(EXCEPTION, 'm').test(text) ? 'ERROR' : 'DEFAULT';
}

/** An entry as the API gives it, read. */
export function readLogEntry(raw: RawLogEntry): LogEntry {
  const { insertId = '', timestamp = '', logName = '', labels, resource } = raw;
  const at = nanosecondTime(timestamp);
  const text = textOf(raw);
  const given = SEVERITIES.find((severity) => severity === raw.severity) ?? 'DEFAULT';
  return {
    at,
    id: `${at} ${insertId} ${logName}`,
    severity: given === 'DEFAULT' ? statedSeverity(text) : given,
    log: logOf(logName),
    revision: resource?.labels?.revision_name ?? '',
    ...(labels?.instanceId !== undefined && { instance: labels.instanceId }),
    text,
  };
}

function logOf(logName: string): LogName {
  const name = decodeURIComponent(logName.slice(logName.lastIndexOf('/logs/') + '/logs/'.length));
  if (name === 'run.googleapis.com/varlog/system') return 'system';
  const own = /^run\.googleapis\.com\/(stdout|stderr|requests)$/.exec(name)?.[1];
  return (own as LogName | undefined) ?? 'other';
}

function textOf({ textPayload, jsonPayload, protoPayload, httpRequest }: RawLogEntry): string {
  const text =
    textPayload ??
    (typeof jsonPayload?.message === 'string' ? jsonPayload.message : undefined) ??
    (jsonPayload && JSON.stringify(jsonPayload)) ??
    protoPayload?.status?.message ??
    protoPayload?.methodName;
  if (httpRequest === undefined) return withoutSecrets(text ?? '');
  const { requestMethod = '', requestUrl = '', status = 0, latency } = httpRequest;
  const path = requestUrl.replace(/^\w+:\/\/[^/]+/, '').replace(/\?.*$/s, '');
  const seconds = latency === undefined ? '' : ` in ${Number(parseFloat(latency).toFixed(3))} s`;
  const request = `${requestMethod} ${path} ${status}${seconds}`.trim();
  return withoutSecrets(text ? `${request}: ${text}` : request);
}

/** What must not be on a screen, by its form: bearer and identity tokens, keys of Google and Hugging Face, pages. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(data:[\w.+/-]+;base64,)[A-Za-z0-9+/=_-]+/g, '$1…'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{12,}/gi, '$1 …'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '…'],
  [/\b(ya29\.|AIza|hf_)[\w.-]{8,}/g, '$1…'],
];

/** Our own containers log none of these; a library's error message may. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((shown, [secret, instead]) => shown.replace(secret, instead), text);
}
