import { readFileSync } from 'node:fs';
import { diagnose } from '../domain/diagnosis';
import { matchesIn } from '../domain/diagnosis/evidence';
import { LISTENING, PROBE_FAILED } from '../domain/diagnosis/starts';
import { type Diagnosis, NOT_READ, type SeenRevision } from '../domain/diagnosis/symptoms';
import type { Deployment } from '../domain/deployment';
import { Failure } from '../domain/failure';
import type { LogEntry } from '../domain/logs/logEntry';
import { readSentLog } from '../domain/logs/sentLog';
import { seenFromLogs } from './troubleshootService';

/** A case that a log shows. `code` is the case's name in docs/troubleshooting.md; `revision` where the log names it. */
export type LogCase = Omit<Diagnosis, 'id'> & { readonly code: Diagnosis['id'] };

export interface LogDiagnosis {
  readonly deployment: string;
  /** The file; `-` for standard input. */
  readonly log: string;
  readonly lines: number;
  /** Short names, of a log that has them. */
  readonly revisions: readonly string[];
  /** The one to look at first at the top. */
  readonly cases: readonly LogCase[];
}

/** Stands for the revision in a log of plain lines, which has no name for it; and in the commands that are shown. */
const UNNAMED = 'REVISION';

/**
 * The diagnosis of `troubleshoot` from a log alone. Settings that the log does not hold are taken to be the deployment's;
 * what only settings would show is left out. Asks no cloud.
 * @throws Failure `LOG_NOT_READABLE`, exit code 2: no such file, or nothing in it.
 */
export function troubleshootLog(deployment: Deployment, file: string): LogDiagnosis {
  const lines = readSentLog(readLog(deployment, file)).map((line) =>
    line.revision === '' ? { ...line, revision: UNNAMED } : line,
  );
  if (lines.length === 0) throw notReadable(deployment, file, 'it has no line');
  const names = [...new Set(lines.map(({ revision }) => revision))];
  const found = diagnose({
    deployment,
    service: NOT_READ,
    revisions: names.map((name) => revisionOf(deployment, lines, name)),
    lines,
    quota: [],
    holds: [],
  }).filter(({ certainty }) => certainty !== 'setting');
  return {
    deployment: deployment.name,
    log: file,
    lines: lines.length,
    revisions: names.filter((name) => name !== UNNAMED),
    cases: found.map((diagnosis) => caseOf(diagnosis, file)),
  };
}

/** A log without Cloud Run's lines may be from a machine where vLLM was given any port: no port is wrong there. */
function revisionOf(deployment: Deployment, lines: readonly LogEntry[], name: string): SeenRevision {
  const seen = seenFromLogs(deployment, name);
  const isCloudRun = name !== UNNAMED || matchesIn(lines, seen, PROBE_FAILED).length > 0;
  const port = matchesIn(lines, seen, LISTENING).at(-1)?.groups[1];
  return isCloudRun || port === undefined ? seen : { ...seen, port: Number(port) };
}

function caseOf({ id, revision, evidence, ...rest }: Diagnosis, file: string): LogCase {
  const isNamed = revision !== undefined && revision !== UNNAMED;
  return {
    code: id,
    ...(isNamed && { revision }),
    ...rest,
    evidence: isNamed ? evidence : evidence.map((each) => ({ ...each, where: file })),
  };
}

function readLog(deployment: Deployment, file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw notReadable(deployment, file, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

const notReadable = ({ name }: Deployment, file: string, got: string) =>
  new Failure({
    code: 'LOG_NOT_READABLE',
    message: 'The log cannot be read.',
    where: file === '-' ? 'standard input' : file,
    got,
    remedy: `name a file with vLLM’s lines or Cloud Logging’s JSON: bin/lightonocr troubleshoot ${name} --log FILE`,
    exitCode: 2,
  });

/** What the command ends with: a person is needed where the log shows a case. */
export function logFailure({ cases, log, deployment }: LogDiagnosis): Failure | undefined {
  const [first] = cases;
  if (!first) return undefined;
  return new Failure({
    code: 'TROUBLE_FOUND',
    message: `${cases.length} of the known cases: ${cases.map(({ code }) => code).join(', ')}.`,
    where: first.revision ?? log,
    got: first.what,
    remedy:
      first.remedies[0]?.command ??
      first.remedies[0]?.does ??
      `bin/lightonocr troubleshoot ${deployment} --log ${log}`,
    exitCode: 3,
  });
}
