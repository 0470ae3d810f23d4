import { coldStart } from './coldStart';
import { containerMemory } from './containerMemory';
import { flagUnknown } from './flagUnknown';
import { gpuMemory } from './gpuMemory';
import { imageNotReadable } from './imageNotReadable';
import { modelIncomplete } from './modelIncomplete';
import { modelMissing } from './modelMissing';
import { notResponding } from './notResponding';
import { pagesCut } from './pagesCut';
import { noInstance, quota } from './quota';
import { held, stopped } from './stopped';
import { trafficMoved } from './trafficMoved';
import { transformersMismatch } from './transformersMismatch';
import { type Case, CASES, type Diagnosis, type Evidence, type Symptoms } from './symptoms';

const LOOKED_FOR: readonly Case[] = [
  stopped,
  imageNotReadable,
  flagUnknown,
  transformersMismatch,
  modelMissing,
  modelIncomplete,
  gpuMemory,
  containerMemory,
  quota,
  noInstance,
  coldStart,
  notResponding,
  trafficMoved,
  held,
  pagesCut,
];

const CERTAINTIES = ['named', 'inferred', 'setting'] as const;

/**
 * All cases that are true, the one to look at first at the top: what is named before what is inferred and what only the
 * settings say; of those, what has traffic before what has none; then what explains others.
 */
export function diagnose(symptoms: Symptoms): Diagnosis[] {
  const found = LOOKED_FOR.reduce<Diagnosis[]>((before, look) => [...before, ...look(symptoms, before)], []);
  const percent = ({ revision }: Diagnosis) =>
    revision === undefined ? 100 : (symptoms.revisions.find(({ name }) => name === revision)?.percent ?? 0);
  const rank = (diagnosis: Diagnosis): readonly number[] => [
    CERTAINTIES.indexOf(diagnosis.certainty),
    -percent(diagnosis),
    CASES.indexOf(diagnosis.id),
  ];
  return found.map(inOrder).sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left.map((value, index) => value - right[index]!).find((difference) => difference !== 0) ?? 0;
  });
}

/** What is always so first, then what happened, as it happened. Cloud Logging and Cloud Run write a time differently. */
function inOrder(diagnosis: Diagnosis): Diagnosis {
  const time = ({ at }: Evidence) => (at ? Date.parse(at) : -Infinity);
  const evidence = [...diagnosis.evidence].sort((a, b) =>
    time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0,
  );
  return { ...diagnosis, evidence };
}
