import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { createRepository } from '../rehearsal/repository';
import {
  ANNOUNCED,
  DEPLOYMENT,
  filledIn,
  FILES,
  FILES_FOLDER,
  keysFor,
  type Known,
  needsNewest,
} from './typed/plan';
import { codeOf, commandsOf } from './typed/shown';
import { hints, noTerminal, type Typed, typeAt, wrappedLines } from './typed/terminal';

const ROOT = join(__dirname, '..');
const forward = (revision: string) =>
  `bin/lightonocr rollback ${DEPLOYMENT} --to ${revision} --now --reason "something to go back from"`;

/**
 * Types every command of the README and of the docs at a terminal of 80 columns, in a sandbox of the working copy as it is:
 * in the order of the pages, README first. Fails on a line that the terminal has to wrap, on an exit code other than 0 that
 * is not announced, and on a hint in the output that does not run. With words on the command line only those pages:
 * `npm run docs:type -- README.md`.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const missing = noTerminal();
  if (missing !== undefined) {
    process.stdout.write(`skipped: ${missing}\ndocs: 0 passed, 0 failed, 1 skipped\n`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'lightonocr-docs-'));
  try {
    await copyProject(folder);
    await writeDocuments(join(folder, FILES_FOLDER));
    execFileSync('npm', ['run', '--silent', 'sandbox'], { cwd: folder, stdio: 'inherit' });
    await typeAll(folder, argv.slice(2));
  } finally {
    spawnSync('npm', ['run', '--silent', 'sandbox', '--', '--stop'], { cwd: folder, stdio: 'inherit' });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The working copy as it is, committed: commands want a clean one. */
async function copyProject(folder: string): Promise<void> {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', list, { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  const deleted = execFileSync('git', ['ls-files', '--deleted', '-z'], { cwd: ROOT, encoding: 'utf8' }).split(
    '\0',
  );
  const repository = await createRepository(
    ROOT,
    folder,
    files.filter((file) => !deleted.includes(file)),
  );
  await repository.merge('the working copy', {});
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  execFileSync('sh', ['-c', 'echo /node_modules >> .git/info/exclude'], { cwd: folder });
}

/** The golden page, as the documents that pages name. */
async function writeDocuments(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const page = readFileSync(join(ROOT, 'release/golden/page.png'));
  const document = await PDFDocument.create();
  const image = await document.embedPng(page);
  document.addPage([image.width, image.height]).drawImage(image);
  const pdf = await document.save();
  const tif = await sharp(page).tiff().toBuffer();
  const log = 'INFO 11-29 08:00:00 [api_server.py:1] Starting vLLM API server\n';
  const contents = { 'scan.pdf': pdf, 'contract.pdf': pdf, 'scan.tif': tif, 'sent.log': log };
  for (const file of FILES) writeFileSync(join(folder, file), contents[file]);
}

async function typeAll(folder: string, pages: readonly string[]): Promise<void> {
  const docs = readdirSync(join(folder, 'docs')).filter((file) => file.endsWith('.md'));
  const all = ['README.md', ...docs.map((file) => `docs/${file}`)];
  const counts = { passed: 0, failed: 0 };
  const known: { -readonly [Name in keyof Known]: Known[Name] } = {
    plan: '',
    fingerprint: '',
    revision: '',
    newest: undefined,
    digest: '',
  };
  const seen = new Set<string>();

  const type = async (page: string, command: string): Promise<Typed> => {
    const typed = await typeAt(folder, command, keysFor(command));
    const faults = faultsOf(command, typed);
    counts[faults.length === 0 ? 'passed' : 'failed']++;
    process.stdout.write(`${faults.length === 0 ? 'passed' : 'failed'}: ${page}: ${command}\n`);
    faults.forEach((fault) => process.stdout.write(`  ${fault}\n`));
    const text = typed.lines.join('\n');
    known.plan = /^plan ([0-9a-f]{64})$/m.exec(text)?.[1] ?? known.plan;
    known.fingerprint = /^fingerprint ([0-9a-f]{64})$/m.exec(text)?.[1] ?? known.fingerprint;
    return typed;
  };

  for (const page of pages.length > 0 ? pages : all) {
    const here = new Set<string>();
    for (const shown of codeOf(page, readFileSync(join(folder, page), 'utf8')))
      for (const command of commandsOf(shown, 'bin/lightonocr')) {
        if (here.has(command) || (seen.has(command) && !CHANGES.test(command))) continue;
        here.add(command);
        seen.add(command);
        Object.assign(known, look(folder));
        if (needsNewest(command) && known.newest !== undefined) await typeAt(folder, forward(known.newest));
        const { lines } = await type(page, filledIn(command, known));
        for (const hint of hints(lines)) {
          Object.assign(known, look(folder));
          if (needsNewest(hint) && known.newest !== undefined) await typeAt(folder, forward(known.newest));
          if (seen.has(hint) || !hint.includes(` ${DEPLOYMENT} `)) continue;
          seen.add(hint);
          await type(`${page}, the hint of ${command.split(' ')[1]}`, hint);
        }
      }
  }
  process.stdout.write(`docs: ${counts.passed} passed, ${counts.failed} failed\n`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

/** Typed on every page that shows them: what follows on the page stands on them. */
const CHANGES = / (build|plan|apply|release|rollback|restart|scale|reconcile) /;

/** Data, and a script to paste: their lines are as they are. */
const UNFITTED = / --json| manual /;

function faultsOf(command: string, { code, lines }: Typed): string[] {
  const announced = ANNOUNCED.find((one) => one.command.test(command));
  const expected = announced?.code ?? 0;
  return [
    ...(code === expected ? [] : [`exit code ${code}, not ${expected}; it ended:`, ...lines.slice(-14)]),
    ...(UNFITTED.test(command) ? [] : wrappedLines(lines)).map((line) => `${line.length} columns: ${line}`),
  ];
}

/** A revision to go back to and the image that serves, as the sandbox has them now. */
function look(folder: string): Pick<Known, 'revision' | 'newest' | 'digest'> {
  const json = (...words: string[]) =>
    JSON.parse(
      execFileSync('bin/lightonocr', [...words, DEPLOYMENT, '--json'], { cwd: folder, encoding: 'utf8' }),
    ) as { revisions?: { revision: string; percent: number; state?: string; digest?: string }[] };
  const { revisions = [] } = json('revisions');
  const served = revisions.find(({ percent, state }) => percent === 0 && state === 'served');
  return {
    revision: (served ?? revisions.find(({ percent }) => percent === 0))?.revision ?? '',
    newest: revisions[0]?.percent === 0 ? revisions[0].revision : undefined,
    digest: revisions.find(({ percent }) => percent > 0)?.digest ?? '',
  };
}
