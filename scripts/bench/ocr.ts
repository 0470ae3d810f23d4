import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import type { Load } from '../ocrLoad';
import type { Section } from '../runSections';

const LEAST_RATIO = 0.95;
/** 500 of the process itself, and room for the thread that draws, whose memory counts with it: 476 in all were measured. */
const MOST_MEGABYTES = 650;
/**
 * The service takes this long for a page and decodes 8 at once: 1.3 pages/s, more than is known in public of the model on an
 * A10G (0.955), so that the client is asked for more than one instance will ask.
 */
const PAGE_MILLISECONDS = 6000;
const RATE_PAGES = 64;
const MEMORY_PAGES = 500;

export interface OcrCosts {
  readonly bare: Load;
  readonly client: Load;
  readonly many: Load;
}

const rate = ({ pages, seconds }: Load) => pages / seconds;
const megabytes = ({ peakMib }: Load) => (peakMib * 2 ** 20) / 1e6;

/** What misses a limit. */
export function misses({ bare, client, many }: OcrCosts): string[] {
  const ratio = client.sustained / bare.sustained;
  const lost =
    [bare, client].filter(({ pages }) => pages !== RATE_PAGES).length + Number(many.pages !== MEMORY_PAGES);
  return [
    ...(ratio < LEAST_RATIO ? [`pages/s: ${ratio.toFixed(3)} of the bare loop, not ${LEAST_RATIO}`] : []),
    ...(megabytes(many) > MOST_MEGABYTES
      ? [`${megabytes(many).toFixed(0)} MB on ${MEMORY_PAGES} pages`]
      : []),
    ...(lost > 0 ? ['pages were lost: the runs cannot be compared'] : []),
  ];
}

/** A scanned PDF: a picture of its own on every page. */
async function scannedPdf(file: string, pages: number): Promise<void> {
  const noise = { type: 'gaussian' as const, mean: 220, sigma: 10 };
  const picture = sharp({ create: { width: 850, height: 1100, channels: 3, background: 'white', noise } });
  const bytes = await picture.jpeg().toBuffer();
  const pdf = await PDFDocument.create();
  for (let page = 0; page < pages; page++)
    pdf.addPage([612, 792]).drawImage(await pdf.embedJpg(bytes), { x: 0, y: 0, width: 612, height: 792 });
  writeFileSync(file, await pdf.save());
}

async function load(how: 'bare' | 'client', milliseconds: number, file: string): Promise<Load> {
  const service = spawn(process.execPath, [join(__dirname, '..', 'slowService.cjs'), String(milliseconds)]);
  try {
    const [port] = (await once(service.stdout, 'data')) as [Buffer];
    const start = join(__dirname, '..', '..', 'bin', 'start.js');
    const url = `http://127.0.0.1:${port.toString().trim()}`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      start,
      'scripts/ocrLoad',
      how,
      url,
      file,
    ]);
    return JSON.parse(stdout) as Load;
  } finally {
    service.kill();
  }
}

export const bench: Section = {
  title: 'the OCR client on scanned PDFs, beside a bare loop of the same requests',
  async run(print) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-ocr-'));
    try {
      const [some, many] = [join(folder, 'some.pdf'), join(folder, 'many.pdf')];
      await scannedPdf(some, RATE_PAGES);
      await scannedPdf(many, MEMORY_PAGES);
      const costs = {
        bare: await load('bare', PAGE_MILLISECONDS, some),
        client: await load('client', PAGE_MILLISECONDS, some),
        many: await load('client', 0, many),
      };
      const { bare, client } = costs;
      const overhead = ((client.seconds - bare.seconds) / RATE_PAGES) * 1000;
      print(`bare loop     ${bare.sustained.toFixed(2)} pages/s, pages made beforehand`);
      print(
        `client        ${client.sustained.toFixed(2)} pages/s with rendering; start and all, ${overhead.toFixed(0)} ms a page more`,
      );
      print(`ratio         ${(client.sustained / bare.sustained).toFixed(3)} (at least ${LEAST_RATIO})`);
      print(
        `500 pages     ${megabytes(costs.many).toFixed(0)} MB resident at most (limit ${MOST_MEGABYTES}); ${rate(costs.many).toFixed(1)} pages/s against a service that takes no time`,
      );
      return misses(costs);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
