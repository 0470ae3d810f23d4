import { table } from '../bin/table';
import { DEFENDED_STEP } from './defences';
import type { RehearsalResult } from './result';

/** The end of a rehearsal, for a person. */
export function resultTable(result: RehearsalResult): string {
  const { steps, expectations, terraform, seconds, peakMemoryBytes, without } = result;
  const rows = steps.map((step) => [
    String(step.number),
    step.title,
    step.revision,
    step.traffic,
    `${step.held ? '' : 'NOT AS EXPECTED: '}${step.verdict}`,
    step.seconds.toFixed(1),
  ]);
  const failed = expectations.filter(({ held }) => !held);
  const noticed = without !== undefined && failed.some(({ step }) => step === DEFENDED_STEP[without]);
  const memory =
    peakMemoryBytes === 0 ? 'memory not measured' : `${(peakMemoryBytes / 1024 ** 3).toFixed(2)} GiB at most`;
  const counts =
    failed.length === 0
      ? `all ${expectations.length} checks passed`
      : `${failed.length} of ${expectations.length} checks failed`;
  return [
    ...table('Rehearsal', ['step', 'what', 'revision', 'traffic', 'verdict', 'seconds'], rows),
    '',
    `${counts}; ${seconds.toFixed(1)} s, ${memory}; ${terraform}`,
    ...(without
      ? [
          `without ${without}: ${noticed ? `its absence was noticed, at step ${DEFENDED_STEP[without]}` : 'its absence was NOT noticed'}`,
        ]
      : []),
    ...(failed.length === 0 && !without
      ? ['next: npm run sandbox leaves such a cloud running, to try every command of the README on']
      : []),
    ...failed.map(({ step, text, got }) => `  step ${step}: expected that ${text}; got ${got}`),
    '',
  ].join('\n');
}
