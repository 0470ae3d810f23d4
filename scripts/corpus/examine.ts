import sharp from 'sharp';
import { Failure } from '../../domain/failure';
import { type DocumentPage, openDocument } from '../../ocr/document';
import type { OcrDocument } from '../../ocr/ocrDocument';
import { pictureDifference, textDifference } from './compare';
import { COMPARED_PIXELS, type Other, otherPicture, otherText, pageCounts } from './secondOpinion';

/** What became of a page, and how far another program disagrees. */
export interface PageRow {
  readonly page: number;
  /** `text`, `image`, `slices`, or a failure's code. */
  readonly decision: string;
  readonly why: string;
  readonly warnings: readonly string[];
  readonly letters?: number;
  readonly otherLetters?: number;
  readonly textDifference?: number;
  readonly pictureDifference?: number;
  /** Small PNGs. */
  readonly picture?: Buffer;
  readonly other?: Buffer;
}

export interface FileRow {
  readonly file: string;
  readonly pages: number;
  /** A failure's code. */
  readonly failed?: string;
  readonly counts: { readonly poppler?: number; readonly qpdf?: number; readonly mupdf?: number };
  readonly rows: readonly PageRow[];
  readonly seconds: number;
}

/** Reads the first pages of a file as the client does, without a service. */
export async function examine(
  file: string,
  mostPages: number,
  have: ReadonlySet<Other>,
  now: () => number,
): Promise<FileRow> {
  const started = now();
  const isPdf = /\.pdf$/i.test(file);
  const counts = isPdf ? await pageCounts(have, file) : {};
  const row = (rest: Pick<FileRow, 'pages' | 'rows' | 'failed'>) => ({
    file,
    counts,
    seconds: (now() - started) / 1000,
    ...rest,
  });
  try {
    const document = await openDocument(file);
    const rows: PageRow[] = [];
    for (let page = 1; page <= Math.min(mostPages, document.pageCount); page++)
      rows.push(await examinePage(document, page, file, isPdf ? have : new Set()));
    document.close();
    return row({ pages: document.pageCount, rows });
  } catch (error) {
    return row({ pages: 0, rows: [], failed: codeOf(error) });
  }
}

/** A defect is what the run looks for: it is a row as well. */
const codeOf = (error: unknown): string =>
  error instanceof Failure ? error.code : `DEFECT ${error instanceof Error ? error.message : String(error)}`;

async function examinePage(
  document: OcrDocument,
  number: number,
  file: string,
  have: ReadonlySet<Other>,
): Promise<PageRow> {
  const [theirText, other] = await Promise.all([
    otherText(have, file, number),
    otherPicture(have, file, number),
  ]);
  const theirs = {
    ...(theirText !== undefined && { otherLetters: lettersIn(theirText) }),
    ...(other && { other }),
  };
  let page: DocumentPage;
  try {
    page = await document.page(number);
  } catch (error) {
    const why = error instanceof Failure ? (error.got ?? error.message) : '';
    return { page: number, decision: codeOf(error), why, warnings: [], ...theirs };
  }
  const { kind, why, warnings } = page;
  const row = { page: number, decision: kind, why, warnings, ...theirs };
  if (page.kind === 'text')
    return {
      ...row,
      letters: lettersIn(page.text),
      ...(theirText !== undefined && { textDifference: textDifference(page.text, theirText) }),
    };
  const sent = page.kind === 'image' ? page.image : page.slices[0]!;
  const picture = await sharp(sent.data)
    .resize({ width: COMPARED_PIXELS, height: COMPARED_PIXELS, fit: 'inside' })
    .png()
    .toBuffer();
  const isComparable = other !== undefined && page.kind === 'image';
  return {
    ...row,
    picture,
    ...(isComparable && { pictureDifference: await pictureDifference(picture, other) }),
  };
}

const lettersIn = (text: string): number => text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
