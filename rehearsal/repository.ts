import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BUILD_FILE, IMAGE_FOLDER } from '../release/verbs/content';

const run = promisify(execFile);

/** A git repository of the rehearsal's own, with the project's image and build file in it. */
export interface Repository {
  readonly directory: string;
  /**
   * Commits a merge and returns its SHA. `image` is appended to the Dockerfile, which makes another image; `document`
   * changes documentation only; `content` takes the container's folder back to an earlier commit.
   */
  merge(title: string, change: { image?: string; document?: string; content?: string }): Promise<string>;
}

/** Fixed, so that every rehearsal has the same SHAs and the same revision names. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'Rehearsal',
  GIT_AUTHOR_EMAIL: 'rehearsal@example.com',
  GIT_COMMITTER_NAME: 'Rehearsal',
  GIT_COMMITTER_EMAIL: 'rehearsal@example.com',
  // Nobody's own configuration: no signing, no hooks.
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};
const FIRST_COMMIT_SECONDS = 1_767_225_600; // 2026-01-01T00:00:00Z

/** @param paths what is copied of the project; default its image, all that a release reads of a commit. */
export async function createRepository(
  root: string,
  directory: string,
  paths: readonly string[] = [IMAGE_FOLDER, BUILD_FILE],
): Promise<Repository> {
  let commits = 0;
  const git = async (...args: string[]) => {
    const date = `${FIRST_COMMIT_SECONDS + commits * 60} +0000`;
    const env = { ...process.env, ...IDENTITY, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    return (await run('git', ['-C', directory, ...args], { env })).stdout.trim();
  };

  await mkdir(directory, { recursive: true });
  await git('init', '--quiet', '--initial-branch=main');
  for (const path of paths) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await cp(join(root, path), join(directory, path), { recursive: true });
  }

  return {
    directory,
    async merge(title, { image, document, content }) {
      if (content !== undefined) await git('checkout', '--quiet', content, '--', IMAGE_FOLDER);
      if (image !== undefined) await appendFile(join(directory, IMAGE_FOLDER, 'Dockerfile'), `\n${image}\n`);
      if (document !== undefined) await writeFile(join(directory, 'README.md'), document);
      await git('add', '--all');
      await git('commit', '--quiet', `--message=${title}`);
      commits++;
      return git('rev-parse', 'HEAD');
    },
  };
}
