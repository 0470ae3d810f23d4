import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Adoptable,
  adoptables,
  IMPORT_FILE,
  importBlocks,
  type SynthesizedStack,
} from '../domain/foundation/adopt';
import { STACK_KINDS, type StackKind } from '../domain/names';
import { placeholderIdentity } from '../domain/plan/placeholder';
import type { ReleaseContext } from '../release/ports/context';
import { isStatus } from '../release/adapters/google/googleApi';
import { refuseSharedPool } from './federationPool';

export interface AdoptedStack {
  readonly kind: StackKind;
  /** Where the import blocks are; absent where the cloud has nothing of this stack. */
  readonly file?: string;
  readonly found: readonly Adoptable[];
}

/**
 * Looks at the project for what its stacks would make, and writes `import` blocks for what is there already, beside each
 * stack. Nothing in the cloud and in no state changes until the stack is applied.
 * @throws Failure `POOL_IS_SHARED` (3): a federation pool of that name is somebody else's, or not ours alone.
 */
export async function adopt(context: ReleaseContext): Promise<AdoptedStack[]> {
  const { deployment, workspace } = context;
  await workspace.synth(placeholderIdentity(deployment));
  const stacks: AdoptedStack[] = [];
  for (const kind of STACK_KINDS) stacks.push(await adoptStack(context, kind));
  return stacks;
}

/** The same for one stack, which has been synthesized. */
export async function adoptStack(context: ReleaseContext, kind: StackKind): Promise<AdoptedStack> {
  const directory = context.workspace.stack(kind);
  const stack = JSON.parse(await readFile(join(directory, 'cdk.tf.json'), 'utf8')) as SynthesizedStack;
  const exist = await Promise.all(
    adoptables(stack, context.deployment).map(async (one) => ((await exists(context, one)) ? [one] : [])),
  );
  const found = exist.flat();
  if (found.some(({ address }) => address.startsWith('google_iam_workload_identity_pool.')))
    await refuseSharedPool(context);
  const file = join(directory, IMPORT_FILE);
  if (found.length === 0) await rm(file, { force: true });
  else await writeFile(file, `${JSON.stringify(importBlocks(found), null, 2)}\n`);
  return { kind, found, ...(found.length > 0 && { file }) };
}

async function exists({ call }: ReleaseContext, { api, path }: Adoptable): Promise<boolean> {
  try {
    await call(api, { path });
    return true;
  } catch (error) {
    if (isStatus(error, 404)) return false;
    throw error;
  }
}
