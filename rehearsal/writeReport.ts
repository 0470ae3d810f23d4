import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../domain/failure';
import { reportPage, type Section } from '../operate/report/page';
import { report } from '../operate/report/report';
import type { RehearsalResult } from './rehearse';
import type { Stage } from './stage';

/** In a folder that git ignores; the next rehearsal writes over it. */
export const REPORT = join(__dirname, '..', '.lightonocr', 'rehearsal.html');

/**
 * What `lightonocr report` makes of the local cloud, with the rehearsal's own steps below. Returns a line for a person: a
 * rehearsal that ended before there was a ledger has nothing to report, and that is no failure of its own.
 */
export async function writeReport(stage: Stage, result: RehearsalResult, file = REPORT): Promise<string> {
  try {
    const found = await report(stage.context('report'), { sinceSeconds: result.seconds });
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, reportPage(found, sections(result)));
    return `report: ${file}`;
  } catch (error) {
    return `no report: ${messageOf(error)}`;
  }
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
