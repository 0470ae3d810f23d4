import { type Command, InvalidArgumentError, Option } from 'commander';
import { type LogEntry, SEVERITIES, type Severity } from '../domain/logs/logEntry';
import { suggestion } from '../domain/suggestion';
import { duration } from '../domain/words';
import { durationSeconds } from './duration';
import { print } from './fit';
import { type CommonOptions, verb } from './releaseCommands';

interface LogOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly revision?: string;
  readonly severity?: Severity;
  readonly since: number;
  readonly limit: number;
  readonly raw?: boolean;
}

/** Read to find the newest `--limit` lines in, once starts are folded: a start of vLLM is some 150 lines. */
const FOLDED_LINES = 5000;

/** Commands that show what a service says. */
export function addLogCommands(root: Command): void {
  verb<LogOptions>(
    root,
    'logs',
    'What the service and its instances say; a start of vLLM is folded into its phases.',
    'production --follow\n  $ bin/lightonocr logs production --severity ERROR --since 1d',
    async (context, options) => {
      const [{ cloudRunLogs, needLogged }, { foldedLines, logLine }] = await Promise.all([
        import('../operate/logs'),
        import('./logLines'),
      ]);
      const { deployment, clock, progress } = context;
      const { revision, severity, limit } = options;
      const stop = new AbortController();
      const signal = AbortSignal.any([context.signal, stop.signal]);
      process.stdout.on('error', () => stop.abort()); // `| head` has seen enough
      const logs = cloudRunLogs(context.call, deployment);
      const query = {
        from: new Date(clock.now().getTime() - options.since * 1000),
        ...(revision !== undefined && { revision: fullName(deployment.service, revision) }),
        ...(severity !== undefined && { severity }),
        signal,
      };
      const isRaw = options.json === true || options.raw === true;
      const fold = foldedLines(deployment.service);
      const one = (entry: LogEntry) =>
        options.json ? JSON.stringify(entry) : logLine(deployment.service, entry);
      const linesOf = (entries: readonly LogEntry[]) => (isRaw ? entries.map(one) : fold(entries));
      const say = (lines: readonly string[]) => {
        if (lines.length === 0) return;
        if (isRaw) process.stdout.write(`${lines.join('\n')}\n`);
        else print(lines.join('\n'));
      };
      const reading = isRaw ? limit : Math.max(limit, FOLDED_LINES);

      if (options.follow) {
        const { followLogs } = await import('../operate/followLogs');
        let isFirst = true;
        const show = (entries: readonly LogEntry[]) => {
          const lines = linesOf(entries);
          say(isFirst ? lines.slice(-limit) : lines);
          isFirst = false;
        };
        await followLogs(logs, { ...query, limit: reading }, { clock, signal, progress, show });
        return { text: 'followed', data: {}, printed: true };
      }
      const { entries, more } = await logs.read({ ...query, limit: reading });
      const lines = linesOf(entries);
      say(lines.slice(-limit));
      if (lines.length === 0) {
        const of = query.revision === undefined ? '' : ` of ${query.revision}`;
        const grave = severity === undefined ? '' : `, ${severity} or graver`;
        progress(`no lines${of} in the last ${duration(options.since)}${grave}`);
        await needLogged(context, query.revision);
      } else if (more || lines.length > limit) progress(`older lines are left out: --limit is ${limit}`);
      return { text: `${Math.min(lines.length, limit)} lines`, data: {}, printed: true };
    },
  )
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--revision <name>', 'of one revision; service prefix optional')
    .addOption(
      new Option('--severity <severity>', 'minimum severity').choices(SEVERITIES).argParser(severityOf),
    )
    .addOption(
      new Option('--since <duration>', 'how far back: 30m, 1h, 2d')
        .argParser(durationSeconds)
        .default(3600, '1h'),
    )
    .option('--limit <lines>', 'show at most N, newest first', lineCount, 200)
    .option('--raw', 'every line, starts not folded; --json has every line too, as JSON Lines');
}

/** A revision named as lines of a log show it, `1a2b3c4-d5e6f7`, or by its whole name. */
export function fullName(service: string, revision: string): string {
  return revision.startsWith(`${service}-`) ? revision : `${service}-${revision}`;
}

/** What other loggers call them; a beginning, as WARN or ERR, is understood anyway. */
const ALIASES: Readonly<Record<string, Severity>> = { FATAL: 'CRITICAL' };

function severityOf(text: string): Severity {
  const word = text.toUpperCase();
  const severity = SEVERITIES.find((known) => word !== '' && known.startsWith(ALIASES[word] ?? word));
  if (severity) return severity;
  const meant = suggestion(text, SEVERITIES);
  throw new InvalidArgumentError(
    `${meant === undefined ? '' : `Did you mean ${meant}? `}It is one of ${SEVERITIES.join(', ')}.`,
  );
}

/** An argument of a flag that limits what is shown. */
export function lineCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('It is a whole number above 0.');
}
