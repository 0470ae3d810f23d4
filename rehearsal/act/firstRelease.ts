import { applyStack } from '../../operate/personStack';
import { apply } from '../../release/verbs/apply';
import type { ReleaseContext } from '../../release/ports/context';
import { release } from '../../release/verbs/release';
import { planRun } from '../stage';

/**
 * What a person does before anything comes from GitHub: the steps of `bootstrap` in their order, without its looks at what is
 * done already, which would take longer than the steps.
 */
export async function firstRelease(owner: ReleaseContext, sha: string): Promise<void> {
  await applyStack(owner, 'foundation');
  const { id, fingerprint } = await planRun(owner, sha);
  await apply(owner, { plan: id!, fingerprint, initLedger: true });
  await applyStack(owner, 'access');
  await release(owner, { sha });
  await applyStack(owner, 'observability');
}
