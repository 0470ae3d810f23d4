import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PDFDocument } from 'pdf-lib';
import { ROOT } from '../rehearsal/vllm/container';
import { scan } from './documents';

const PAGES = 500;
const folder = mkdtempSync(join(tmpdir(), 'memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('readDocuments on 500 scanned pages', () => {
  test('stays under 500 MB resident, program and all', async () => {
    const pdf = await PDFDocument.create();
    const bytes = await scan(850, 1100);
    for (let page = 0; page < PAGES; page++) {
      // An object of its own for every page, as a scanner makes them: nothing can be shared.
      const picture = await pdf.embedJpg(bytes);
      pdf.addPage([612, 792]).drawImage(picture, { x: 0, y: 0, width: 612, height: 792 });
    }
    const file = join(folder, 'many.pdf');
    writeFileSync(file, await pdf.save());
    const args = ['-r', join(ROOT, 'bin/register.js'), join(ROOT, '__tests__/ocr/memoryChild.ts'), file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const { pages, peakKib } = JSON.parse(stdout) as Record<'pages' | 'peakKib', number>;
    expect(pages).toBe(PAGES);
    expect(statSync(file).size).toBeGreaterThan(20e6);
    expect(peakKib * 1024).toBeLessThan(500e6);
  }, 300_000);
});
