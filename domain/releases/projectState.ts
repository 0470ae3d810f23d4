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

/** What tells a ledger that was deleted from one that never was, and how each comes to be. */
export const findLedger = ({ name }: Pick<Deployment, 'name'>): string =>
  `bin/lightonocr doctor ${name} --only traffic`;

/** How a ledger that was deleted or spoilt comes back: its bucket keeps what was, as `URL#GENERATION`, each with its time. */
export const restoreLedger = (url: string): string =>
  `restore what was before: gcloud storage ls --all-versions --long ${url} lists it with times; of the newest that was well, GENERATION is the number behind #: gcloud storage cp '${url}#GENERATION' ${url}`;

/** What makes a service where there is none: the first step that is not done, be it the project's APIs. */
export const makeService = ({ name }: Pick<Deployment, 'name'>): string =>
  `bin/lightonocr bootstrap ${name} --run next`;

/** What makes something that is missing. A project that was made by hand is taken over first: a create would be refused. */
export function setUp(
  situation: Situation,
  deployment: Pick<Deployment, 'name'>,
  step: BootstrapStepId,
): string {
  const { name } = deployment;
  if (situation === 'released') return `bin/lightonocr bootstrap ${name} --run ${step}`;
  const next = makeService(deployment);
  return situation === 'empty' ? next : `bin/lightonocr adopt ${name} && ${next}`;
}
