import type { LogEntry } from '../domain/logs/logEntry';
import { type InstanceStart, startFolder, type StartPhase } from '../domain/logs/startPhases';

/** Of Cloud Run's id, which has some 200 characters. */
const INSTANCE_CHARACTERS = 8;
const INDENT = '    ';

/** `2026-11-25 03:04:05.250Z WARNING 1a2b3c4-d5e6f7 00f46b92 text`; a revision without the service's name in front. */
export function logLine(service: string, entry: LogEntry): string {
  const { at, severity, revision, instance, text } = entry;
  const level = severity === 'DEFAULT' ? '' : severity;
  return line(service, { at, level, revision, instance, text });
}

/** Lines of a log, with the start of an instance folded into its phases. */
export function foldedLines(service: string): (entries: readonly LogEntry[]) => string[] {
  const fold = startFolder();
  return (entries) =>
    entries.flatMap((entry) => {
      const folded = fold(entry);
      if (folded === 'shown') return [logLine(service, entry)];
      if (folded === 'folded') return [];
      const { step, phase, lines = [] } = folded;
      const level = step.state === 'failed' ? 'ERROR' : 'START';
      const { at, revision, instance } = entry;
      const text = stepText(step, phase);
      return [
        ...lines.map((last) => logLine(service, last)),
        line(service, { at, level, revision, instance, text }),
      ];
    });
}

function stepText(step: InstanceStart, phase: StartPhase | undefined): string {
  if (step.state === 'failed') return `did not start, after ${seconds(step.seconds)}: ${step.problem}`;
  if (!phase) return `starts: ${step.reason}`;
  const detail = phase.detail === undefined ? '' : ` (${phase.detail})`;
  const total = step.state === 'ready' ? `; ${seconds(step.seconds)} since its start` : '';
  return `${phase.name} ${seconds(phase.seconds)}${detail}${total}`;
}

const seconds = (count: number) => `${count.toFixed(1)} s`;

interface Line {
  readonly at: string;
  readonly level: string;
  readonly revision: string;
  readonly instance: string | undefined;
  readonly text: string;
}

function line(service: string, { at, level, revision, instance = '', text }: Line): string {
  const time = `${at.slice(0, 23).replace('T', ' ')}Z`;
  const name = revision.startsWith(`${service}-`) ? revision.slice(service.length + 1) : revision;
  const head = [time, level.padEnd(8), name, instance.slice(0, INSTANCE_CHARACTERS)].filter(Boolean);
  return `${head.join(' ')} ${printable(text)}`;
}

/** A container writes what it likes: what would move the cursor or colour the terminal goes, further lines are indented. */
function printable(text: string): string {
  return text
    .replace(/\x1b\[[\d;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
    .trimEnd()
    .replaceAll('\n', `\n${INDENT}`);
}
