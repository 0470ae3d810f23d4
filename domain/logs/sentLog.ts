import { type LogEntry, type RawLogEntry, readLogEntry, withoutSecrets } from './logEntry';

/** Colours, as vLLM writes them where its output is a terminal. */
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[\d;]*m/g;

/**
 * A log that somebody sent, oldest line first: plain lines; Cloud Logging's JSON, as `gcloud logging read --format json` and
 * the console's download have it (an array, or an object a line); what `bin/lightonocr logs --json` prints; or a mixture. A line that is
 * none of those is text. An entry without a time keeps its place, with `at` empty.
 */
export function readSentLog(text: string): LogEntry[] {
  const clean = text.replace(/^\uFEFF/, '').replace(COLOURS, '');
  const whole = parsed(clean);
  const entries = Array.isArray(whole)
    ? whole.map((each) => entryOf(each) ?? plain(JSON.stringify(each)))
    : clean
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '')
        .map((line) => entryOf(parsed(line)) ?? plain(line));
  const isDated = entries.every(({ at }) => at !== '');
  return isDated ? entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)) : entries;
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entryOf(value: unknown): LogEntry | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if ('text' in value && 'at' in value && 'log' in value) return value as LogEntry;
  if (!['textPayload', 'jsonPayload', 'protoPayload', 'httpRequest'].some((key) => key in value))
    return undefined;
  const raw = value as RawLogEntry;
  const isDated = !Number.isNaN(Date.parse(raw.timestamp ?? ''));
  const entry = readLogEntry(isDated ? raw : { ...raw, timestamp: new Date(0).toISOString() });
  return isDated ? entry : { ...entry, at: '' };
}

const plain = (line: string): LogEntry => ({
  at: '',
  id: '',
  severity: 'DEFAULT',
  log: 'stderr',
  revision: '',
  text: withoutSecrets(line),
});
