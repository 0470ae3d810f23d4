import { spawnSync } from 'node:child_process';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What later builds are measured beside: the last commit that compiled at every start. */
const BASE_COMMIT = 'af95578';

export interface ScratchClone {
  readonly folder: string;
  readonly commit: string;
}

/**
 * LIGHTONOCR_BENCH_BASE, else the base commit, in a clone of its own with this project's packages; remove it after. Undefined
 * where the commit is not here, as in a shallow clone.
 */
export function scratchClone(root: string): ScratchClone | undefined {
  const commit = process.env.LIGHTONOCR_BENCH_BASE || BASE_COMMIT;
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, stdio: 'ignore' }).status === 0;
  if (!git('cat-file', '-e', `${commit}^{commit}`)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'lightonocr-base-'));
  git('clone', '--quiet', '--shared', '--no-checkout', root, folder);
  git('-C', folder, 'checkout', '--quiet', '--detach', commit);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return { folder, commit };
}
