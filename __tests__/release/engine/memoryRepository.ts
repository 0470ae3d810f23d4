import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { Failure } from '../../../domain/failure';
import type { Repository } from '../../../rehearsal/repository';
import type { Git } from '../../../release/adapters/git';
import { BUILD_FILE, IMAGE_FOLDER } from '../../../release/verbs/content';

type Files = ReadonlyMap<string, Buffer>;
interface Commit {
  readonly files: Files;
  readonly parent?: string;
}

const TAR_BLOCK = 512;
const DOCKERFILE = `${IMAGE_FOLDER}/Dockerfile`;
const ROOT = join(__dirname, '../../..');
const sha1 = (...parts: readonly (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest('hex');

/** Commits in memory, with the project's image and build file in the first: no process for each question. */
export function memoryRepository(): { repository: Repository; git: Git } {
  const commits = new Map<string, Commit>();
  let head: string | undefined;

  const find = (sha: string) => {
    const [known] = [...commits.keys()].filter((each) => each.startsWith(sha === 'HEAD' ? head! : sha));
    if (known === undefined)
      throw new Failure({
        code: 'UNKNOWN_SHA',
        message: 'Git does not know this commit.',
        where: 'memory',
        got: sha,
        remedy: 'merge it first',
        exitCode: 2,
      });
    return { sha: known, ...commits.get(known)! };
  };
  const below = (files: Files, paths: readonly string[]) =>
    [...files]
      .filter(([path]) => paths.some((each) => path === each || path.startsWith(`${each}/`)))
      .sort(([one], [other]) => (one < other ? -1 : 1));

  const repository: Repository = {
    directory: ROOT,
    async merge(title, { image, document, content }) {
      const files = new Map(head === undefined ? projectFiles() : commits.get(head)!.files);
      if (content !== undefined)
        for (const [path, text] of below(find(content).files, [IMAGE_FOLDER])) files.set(path, text);
      if (image !== undefined)
        files.set(DOCKERFILE, Buffer.concat([files.get(DOCKERFILE)!, Buffer.from(`\n${image}\n`)]));
      if (document !== undefined) files.set('README.md', Buffer.from(document));
      const sha = sha1(`${head} ${commits.size} ${title}`, ...files.values());
      commits.set(sha, { files, ...(head !== undefined && { parent: head }) });
      head = sha;
      return sha;
    },
  };

  const git: Git = {
    resolve: async (revision) => find(revision).sha,
    files: async (sha, paths) =>
      below(find(sha).files, paths).map(
        ([path, content]) => `100644 blob ${sha1(`blob ${content.length}\0`, content)}\t${path}`,
      ),
    show: async (sha, path) => find(sha).files.get(path)!.toString('utf8'),
    archive: async (sha, paths) => gzipSync(tar(below(find(sha).files, paths))),
    async isAncestor(older, newer) {
      const { sha } = find(older);
      for (let at: string | undefined = find(newer).sha; at !== undefined; at = commits.get(at)!.parent)
        if (at === sha) return true;
      return false;
    },
    needCheckedOut: async () => undefined,
  };
  return { repository, git };
}

function projectFiles(): Files {
  const paths = readdirSync(join(ROOT, IMAGE_FOLDER), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `${IMAGE_FOLDER}/${name}`);
  return new Map([...paths, BUILD_FILE].map((path) => [path, readFileSync(join(ROOT, path))]));
}

function tar(files: readonly (readonly [string, Buffer])[]): Buffer {
  const blocks = files.flatMap(([path, content]) => {
    const header = Buffer.alloc(TAR_BLOCK);
    new Header({ path, size: content.length, mode: 0o644, type: 'File' }).encode(header);
    return [header, content, Buffer.alloc((TAR_BLOCK - (content.length % TAR_BLOCK)) % TAR_BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * TAR_BLOCK)]);
}
