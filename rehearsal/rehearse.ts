import { rm } from 'node:fs/promises';
import { Failure, messageOf } from '../domain/failure';
import type { Report } from '../domain/releases/report';
import { preparePage } from '../ocr/page';
import { expectations, NotAsExpected } from './expectations';
import { DEFENDED_STEP, type Defence } from './defences';
import { watchMemory } from './memory';
import { lookingInside } from './lookingInside';
import { platform } from './platform';
import type { PlayedStep, RehearsalResult } from './result';
import { resultTable } from './resultTable';
import { scenario, type Step } from './scenario';
import { GOLDEN_PAGE, openStage, type Stage } from './stage';
import { needProvider, terraformVersion } from './terraformVersion';
import { readReport, writeReport } from './writeReport';

export interface RehearsalOptions {
  readonly page: string;
  readonly without?: Defence;
  readonly terraform?: string;
  readonly port?: number;
  readonly json?: boolean;
  readonly keep?: boolean;
}

/** 128 + SIGINT, as a shell counts. */
const INTERRUPTED = 130;

/** Plays every step; true when every expectation held. Progress goes to stderr with `--json`, else to stdout. */
export async function rehearse(options: RehearsalOptions): Promise<boolean> {
  await needPage(options.page);
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const out = options.json ? process.stderr : process.stdout;
  const progress = (line: string) => void out.write(`  ${elapsed().toFixed(1).padStart(5)} s  ${line}\n`);
  const memory = watchMemory();
  const stage = await openStage({ ...options, progress });
  const leave = async () => {
    await stage.stop();
    await rm(stage.directory, { recursive: true, force: true });
  };
  const interrupt = () => void leave().finally(() => process.exit(INTERRUPTED));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    const terraform = await terraformVersion(stage.terraform);
    if (options.terraform) await needProvider(() => stage.synth());
    out.write(`local Google Cloud at ${stage.cloud.url}; ${terraform}\n`);
    const { steps, all, report } = await play(stage, options, out, elapsed);
    const result: RehearsalResult = {
      held: all.every(({ held }) => held),
      terraform,
      ...(options.without && { without: options.without }),
      steps,
      expectations: all,
      seconds: elapsed(),
      peakMemoryBytes: memory.stop(),
    };
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : resultTable(result));
    if (typeof report !== 'string') out.write(`report: ${await writeReport(report, result)}\n`);
    if (options.keep) await keep(stage, out);
    return result.held;
  } finally {
    await leave();
  }
}

async function play(
  stage: Stage,
  options: RehearsalOptions,
  out: NodeJS.WritableStream,
  elapsed: () => number,
) {
  const expected = expectations();
  const steps: PlayedStep[] = [];
  let report: Report | string | undefined;
  const released = needed(scenario(stage, expected, options.page, out), options.without);
  const { before, after } = platform(stage, expected, released.length + 1);
  for (const { number, title, run } of options.terraform ? [...before, ...released, ...after] : released) {
    out.write(`step ${number}: ${title}\n`);
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    try {
      steps.push({ ...(await run()), number, title, seconds: seconds(), held: true });
    } catch (error) {
      if (!(error instanceof NotAsExpected) && !(error instanceof Failure)) throw error;
      if (error instanceof Failure) record(expected, number, 'the step can be played', error.toString());
      const verdict = error instanceof Failure ? `${error.code}: ${error.message}` : error.message;
      steps.push({
        revision: '',
        traffic: await stage.traffic(),
        verdict,
        number,
        title,
        seconds: seconds(),
        held: false,
      });
      break;
    }
    // The last step of all may take the ledger away.
    if (number === released.at(-1)?.number) report = await readReport(stage, elapsed());
  }
  report ??= await readReport(stage, elapsed());
  if (typeof report === 'string')
    record(expected, steps.at(-1)!.number, 'a report can be made of it', report);
  return { steps, all: expected.all, report };
}

/** Two releases come before every defended step. */
const SCENE_STEPS = 3;

/** All steps; without a defence those that set the scene, and the one that it defends: no later one says more. */
const needed = (steps: readonly Step[], without: Defence | undefined): readonly Step[] =>
  without === undefined
    ? steps
    : steps.filter(({ number }) => number <= SCENE_STEPS || number === DEFENDED_STEP[without]);

/** What did not hold, although it ends no step: one that could not be played, or a report that is not there. */
function record({ expect }: ReturnType<typeof expectations>, step: number, text: string, got: string): void {
  try {
    expect(step, text, false, got);
  } catch {
    // it is recorded
  }
}

/** Before anything starts: a page that cannot be read would only be found out at the end. */
async function needPage(file: string): Promise<void> {
  try {
    await preparePage(file);
  } catch (error) {
    throw new Failure(
      {
        code: 'UNREADABLE_PAGE',
        message: `This is no page that can be read: ${messageOf(error)}`,
        where: file,
        remedy: `name an image of a page: npm run rehearse -- --page ${GOLDEN_PAGE}`,
        exitCode: 2,
      },
      { cause: error },
    );
  }
}

/** Leaves the cloud up until the process is interrupted. */
async function keep(stage: Stage, out: NodeJS.WritableStream): Promise<void> {
  const lines = await lookingInside(stage, stage.context('look'));
  out.write(`\n${lines.join('\n')}\n\n`);
  await new Promise(() => undefined);
}
