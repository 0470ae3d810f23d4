import { readFile } from 'node:fs/promises';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import sharp from 'sharp';
import type { Random } from '../../domain/random';
import { GOLDEN_PAGE } from '../stage';

export interface MadeDocument {
  readonly name: string;
  readonly content: Buffer;
  readonly pages: number;
}

/** Different pictures of a page: the stand-in reads each once, as every one of its instances must. */
const PICTURES = 6;
/** Long enough for two checkpoints. */
const LONG_PAGES = 60;
const WORDS =
  'the committee met on tuesday to consider the annual report of the treasurer and agreed that it be sent to every household';

/** Documents of mixed kinds, the same for the same seed: letters with a text layer, scans, photos, one long one of each fifty, and files that are no documents. */
export async function* makeDocuments(count: number, random: Random): AsyncGenerator<MadeDocument> {
  const pictures = await makePictures();
  for (let index = 0; index < count; index++) {
    const number = String(index).padStart(6, '0');
    const kind = random();
    const picture = pictures[random.below(PICTURES)]!;
    if (index % 50 === 7) yield pdf(`${number}-long.pdf`, Array(LONG_PAGES).fill('text'), picture, index);
    else if (kind < 0.5)
      yield pdf(`${number}-letter.pdf`, Array(1 + random.below(9)).fill('text'), picture, index);
    else if (kind < 0.75)
      yield pdf(`${number}-scan.pdf`, Array(1 + random.below(3)).fill('scan'), picture, index);
    else if (kind < 0.9) yield pdf(`${number}-mixed.pdf`, ['text', 'scan', 'text', 'text'], picture, index);
    else if (kind < 0.98) yield { name: `${number}-photo.jpg`, content: picture, pages: 1 };
    else yield { name: `${number}-broken.pdf`, content: Buffer.from('no document'), pages: 0 };
  }
}

/** The golden page, cut off at different heights. */
async function makePictures(): Promise<Buffer[]> {
  const page = await readFile(GOLDEN_PAGE);
  const { width, height } = await sharp(page).metadata();
  return Promise.all(
    Array.from({ length: PICTURES }, (_, index) =>
      sharp(page)
        .extract({ left: 0, top: 0, width, height: Math.round((height * (index + 3)) / (PICTURES + 3)) })
        .jpeg({ quality: 90 })
        .toBuffer(),
    ),
  );
}

async function pdf(
  name: string,
  kinds: readonly ('text' | 'scan')[],
  picture: Buffer,
  number: number,
): Promise<MadeDocument> {
  const document = await PDFDocument.create();
  // Else the bytes hold the time, and no two runs would have the same documents.
  document.setCreationDate(new Date(0));
  document.setModificationDate(new Date(0));
  const font = await document.embedFont(StandardFonts.Helvetica);
  const image = kinds.includes('scan') ? await document.embedJpg(picture) : undefined;
  kinds.forEach((kind, at) => {
    const page = document.addPage([612, 792]);
    if (kind === 'scan') return page.drawImage(image!, { x: 0, y: 0, width: 612, height: 792 });
    for (let line = 0; line < 12; line++)
      page.drawText(`${number} ${at} ${line} ${WORDS}`, { x: 30, y: 740 - 20 * line, size: 9, font });
  });
  return { name, content: Buffer.from(await document.save()), pages: kinds.length };
}
