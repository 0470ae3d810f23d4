import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../../domain/failure';

const run = promisify(execFile);
/** Source archives of the image are some kilobytes; this only bounds a mistake. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** The few questions that a release asks of the repository. */
export interface Git {
  /** Full SHA of a revision. Failure `UNKNOWN_SHA` (2) where git does not know it. */
  resolve(revision: string): Promise<string>;
  /** `MODE blob ID\tPATH` of every file of a commit below these paths. */
  files(sha: string, paths: readonly string[]): Promise<string[]>;
  /** A file's text at a commit. */
  show(sha: string, path: string): Promise<string>;
  /** The commit's files below these paths as a .tar.gz. */
  archive(sha: string, paths: readonly string[]): Promise<Buffer>;
  isAncestor(older: string, newer: string): Promise<boolean>;
  /**
   * Settings and stacks are read from the working copy, so it must be the commit that is released.
   * @throws Failure `NOT_THE_COMMIT` (2) when another commit is checked out, or files are changed.
   */
  needCheckedOut(sha: string): Promise<void>;
}

function noGit(cause: unknown): Failure {
  return new Failure(
    {
      code: 'NO_GIT',
      message: 'Git does not start.',
      where: 'PATH',
      remedy: 'install git: releases are named by commits',
      exitCode: 2,
    },
    { cause },
  );
}

/** Git in a working copy. */
export function git(directory: string): Git {
  const text = async (...args: string[]) =>
    (await run('git', ['-C', directory, ...args], { maxBuffer: MAX_OUTPUT_BYTES })).stdout;

  const unknownSha = (revision: string, cause: unknown) =>
    new Failure(
      {
        code: 'UNKNOWN_SHA',
        message: 'Git does not know this commit.',
        where: directory,
        got: revision,
        remedy: 'fetch it (git fetch --unshallow origin), or name one that git log shows',
        exitCode: 2,
      },
      { cause },
    );

  return {
    async resolve(revision) {
      try {
        return (
          await text('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)
        ).trim();
      } catch (error) {
        throw (error as { code?: unknown }).code === 'ENOENT' ? noGit(error) : unknownSha(revision, error);
      }
    },
    async files(sha, paths) {
      const listing = await text('ls-tree', '-r', '-z', sha, '--', ...paths);
      return listing.split('\0').filter(Boolean);
    },
    show: (sha, path) => text('show', `${sha}:${path}`),
    async archive(sha, paths) {
      const args = ['-C', directory, 'archive', '--format=tar.gz', sha, '--', ...paths];
      const { stdout } = await run('git', args, { encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES });
      return stdout;
    },
    async needCheckedOut(sha) {
      const head = (await text('rev-parse', 'HEAD')).trim();
      const changed = (await text('status', '--porcelain', '--untracked-files=no')).trim();
      if (head === sha && changed === '') return;
      throw new Failure({
        code: 'NOT_THE_COMMIT',
        message:
          'Settings and stacks come from the working copy, and it is not the commit that is to be released.',
        where: directory,
        got: head === sha ? `changed files:\n${changed}` : `HEAD is ${head}`,
        remedy: `commit or put away what is changed, then: git checkout ${sha}`,
        exitCode: 2,
      });
    },
    async isAncestor(older, newer) {
      try {
        await text('merge-base', '--is-ancestor', older, newer);
        return true;
      } catch (error) {
        if ((error as { code?: number }).code === 1) return false;
        throw unknownSha(`${older} or ${newer}`, error);
      }
    },
  };
}
