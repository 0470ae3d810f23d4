import type { Deployment } from '../deployment';
import type { BootstrapStepId } from '../foundation/bootstrap';

/**
 * What a project is, seen from a deployment. `empty`: there is no service. `by hand`: there is one that no release made, so
 * nothing says what is meant to serve. `released`: there is a ledger.
 */
export type Situation = 'empty' | 'by hand' | 'released';

export function situationOf(has: { readonly service: boolean; readonly ledger: boolean }): Situation {
  if (has.ledger) return 'released';
  return has.service ? 'by hand' : 'empty';
}

/** How a ledger that was deleted or spoilt comes back: its bucket keeps what was. */
export const restoreLedger = (url: string): string =>
  `restore an older generation: gcloud storage ls --all-versions ${url}, then gcloud storage cp ${url}#GENERATION ${url}`;

/** What makes something that is missing. A project that was made by hand is taken over first: a create would be refused. */
export function setUp(
  situation: Situation,
  { name }: Pick<Deployment, 'name'>,
  step: BootstrapStepId,
): string {
  if (situation === 'released') return `bin/lightonocr bootstrap ${name} --run ${step}`;
  const next = `bin/lightonocr bootstrap ${name} --run next`;
  return situation === 'empty' ? next : `bin/lightonocr adopt ${name} && ${next}`;
}
