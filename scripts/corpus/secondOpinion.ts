import { execFile, execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { decodePnm } from '../../ocr/images/pnm';

/** Programs that are asked too, where they are installed. */
export const OTHERS = ['pdfinfo', 'qpdf', 'mutool', 'pdftotext', 'pdftoppm'] as const;
export type Other = (typeof OTHERS)[number];

/** No file holds the run up. */
const MOST_MILLISECONDS = 20_000;
/** Longest side of the pictures that are compared. */
export const COMPARED_PIXELS = 300;

const run = promisify(execFile);

export function installed(): Set<Other> {
  const has = (program: Other) => {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  return new Set(OTHERS.filter(has));
}

/** What a program prints; undefined where it is not there, fails, or takes too long. */
async function output(have: ReadonlySet<Other>, program: Other, args: readonly string[]) {
  if (!have.has(program)) return undefined;
  const options = { timeout: MOST_MILLISECONDS, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 } as const;
  // qpdf ends with 3 where it only warned.
  const failed = (error: { code?: unknown; stdout?: string }) =>
    error.code === 3 ? error.stdout : undefined;
  return run(program, args, options).then(({ stdout }) => stdout, failed);
}

/** How many pages each of three programs finds; undefined for what does not open the file. */
export async function pageCounts(have: ReadonlySet<Other>, file: string) {
  const [poppler, qpdf, mupdf] = await Promise.all([
    output(have, 'pdfinfo', [file]),
    output(have, 'qpdf', ['--show-npages', file]),
    output(have, 'mutool', ['info', file]),
  ]);
  const number = (text: string | undefined, pattern: RegExp) => {
    const found = pattern.exec(text ?? '')?.[1];
    return found === undefined ? undefined : Number(found);
  };
  return {
    poppler: number(poppler, /^Pages:\s+(\d+)/m),
    qpdf: number(qpdf, /^(\d+)/),
    mupdf: number(mupdf, /^Pages: (\d+)/m),
  };
}

/** The text of a page by poppler, which knows nothing of what can be seen. */
export const otherText = (have: ReadonlySet<Other>, file: string, page: number) =>
  output(have, 'pdftotext', ['-f', `${page}`, '-l', `${page}`, '-enc', 'UTF-8', file, '-']);

/** The page as poppler draws it: small, grey. */
export async function otherPicture(have: ReadonlySet<Other>, file: string, page: number) {
  const target = join(tmpdir(), `corpus-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const only = ['-f', `${page}`, '-l', `${page}`, '-singlefile'];
  const args = [...only, '-gray', '-scale-to', `${COMPARED_PIXELS}`, file, target];
  const drawn = await output(have, 'pdftoppm', args);
  if (drawn === undefined) return undefined;
  try {
    const { pixels, width, height, channels } = decodePnm(await readFile(`${target}.pgm`), 2 ** 24);
    return await sharp(pixels, { raw: { width, height, channels } }).toColourspace('b-w').png().toBuffer();
  } catch {
    return undefined;
  } finally {
    await rm(`${target}.pgm`, { force: true });
  }
}
