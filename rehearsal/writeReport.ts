import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../domain/failure';
import type { Report } from '../domain/releases/report';
import { reportPage, type Section } from '../operate/report/page';
import { report } from '../operate/report/report';
import type { RehearsalResult } from './result';
import type { Stage } from './stage';

/** In a folder that git ignores; the next rehearsal of its kind writes over it. */
const reportFile = ({ without }: RehearsalResult) =>
  join(__dirname, '..', '.lightonocr', `rehearsal${without ? `-without-${without}` : ''}.html`);

/** What `lightonocr report` finds on the local cloud; why not, where it finds nothing. */
export async function readReport(stage: Stage, seconds: number): Promise<Report | string> {
  try {
    return await report(stage.context('report'), { sinceSeconds: seconds });
  } catch (error) {
    return messageOf(error);
  }
}

/** Writes it, with the rehearsal's own steps below; returns its path. */
export async function writeReport(
  found: Report,
  result: RehearsalResult,
  file = reportFile(result),
): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, reportPage(found, sections(result)));
  return file;
}

const sections = ({ steps, expectations }: RehearsalResult): Section[] => [
  {
    title: 'Steps of the rehearsal',
    head: ['step', 'what', 'verdict', 'seconds'],
    rows: steps.map(({ number, title, verdict, seconds }) => [
      String(number),
      title,
      verdict,
      seconds.toFixed(1),
    ]),
  },
  {
    title: 'Expectations',
    head: ['step', 'expected', 'held', 'got'],
    rows: expectations.map(({ step, text, held, got }) => [
      String(step),
      text,
      held ? 'yes' : 'no',
      held ? '' : got,
    ]),
  },
];
