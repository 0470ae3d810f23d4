import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { writing } from '../ocr/outputFile';
import { durationSeconds } from './duration';
import { type CommonOptions, verb } from './releaseCommands';

/** The command that looks back at a release. */
export function addReportCommands(root: Command): void {
  verb<CommonOptions & { sha?: string; since?: number; out: string }>(
    root,
    'report',
    'One HTML page of a release: traffic over time, latency and errors of each revision, verdicts.',
    'production --sha HEAD --out report.html',
    async (context, { sha, since, out }) => {
      const [{ report }, { reportPage }] = await Promise.all([
        import('../operate/report/report'),
        import('../operate/report/page'),
      ]);
      const data = await report(context, {
        ...(sha !== undefined && { sha }),
        ...(since !== undefined && { sinceSeconds: since }),
      });
      const file = resolve(out);
      writing(file, () => writeFileSync(file, reportPage(data)));
      return { text: [data.headline, ...data.gaps, file].join('\n'), data: { ...data, file } };
    },
  )
    .option('--sha <sha>', 'commit of the release; default: the newest release')
    .addOption(
      new Option('--since <duration>', 'instead of one release, what happened in the last 90s, 30m, 1h, 2d')
        .argParser(durationSeconds)
        .conflicts('sha'),
    )
    .option('--out <file>', 'where the page is written', 'report.html');
}
