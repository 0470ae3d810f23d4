import { type Command, Option } from 'commander';
import { durationSeconds } from './duration';
import { fullName } from './logCommands';
import { type CommonOptions, verb } from './releaseCommands';

/** The command for when something is wrong. */
export function addTroubleshootCommands(root: Command): void {
  verb<CommonOptions & { revision?: string; since: number; log?: string }>(
    root,
    'troubleshoot',
    'Reads conditions, logs, metrics and quotas, and names what is wrong, with the lines that show it and what to do. Changes nothing.',
    'production --since 2h\n  $ bin/lightonocr troubleshoot production --log sent.log',
    async (context, options) => {
      const [{ troubleshoot, troubleFailure }, { logText, troublesText }] = await Promise.all([
        import('../operate/troubleshoot'),
        import('../operate/troubleshootText'),
      ]);
      const { revision, since, log } = options;
      if (log !== undefined) {
        const { troubleshootLog, logFailure } = await import('../operate/troubleshootLog');
        const data = troubleshootLog(context.deployment, log);
        const failure = logFailure(data);
        return { text: logText(data), data, ...(failure && { failure }) };
      }
      const data = await troubleshoot(context, {
        sinceSeconds: since,
        ...(revision !== undefined && { revision: fullName(context.deployment.service, revision) }),
      });
      const failure = troubleFailure(data);
      return { text: troublesText(data), data, ...(failure && { failure }) };
    },
    { onlyLooks: true },
  )
    .option(
      '--revision <name>',
      'this one, service prefix optional; default: those with traffic or a tag, and the newest',
    )
    .addOption(
      new Option('--since <duration>', 'how far back: 30m, 1h, 2d')
        .argParser(durationSeconds)
        .default(3600, '1h'),
    )
    .addOption(
      new Option(
        '--log <file>',
        'from a log that somebody sent, and from nothing else: plain lines or Cloud Logging’s JSON; - for standard input',
      ).conflicts(['revision', 'since']),
    )
    .addHelpText(
      'after',
      '\nExit code 0: nothing of the known cases was seen, and everything could be read; 3 otherwise.',
    );
}
