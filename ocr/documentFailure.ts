import { Failure } from '../domain/failure';

/** Why a document or one of its pages cannot be read; its file is at fault, not the service. */
export type DocumentFault =
  | 'UNREADABLE_DOCUMENT'
  | 'UNREADABLE_PAGE'
  | 'ENCRYPTED_DOCUMENT'
  | 'DOCUMENT_TOO_LARGE'
  | 'PAGE_OVER_BOUNDS'
  | 'DOCUMENT_NOT_FETCHED';

const REMEDIES: Record<DocumentFault, string> = {
  UNREADABLE_DOCUMENT:
    'give a PDF, PNG, JPEG, TIFF, WebP, GIF, AVIF, HEIC, JPEG 2000, JPEG XL, BMP, PNM or TGA file that other programs open',
  UNREADABLE_PAGE: 'open the file in the program that made it, and export the page again',
  PAGE_OVER_BOUNDS:
    'print the page to an image, or raise the limit if the machine has the time and memory for it',
  ENCRYPTED_DOCUMENT:
    'give its password (--password FILE or LIGHTONOCR_PASSWORD; `password` in the library), or save the PDF without one',
  DOCUMENT_NOT_FETCHED: 'see that the address opens without a login, or fetch the file first and name it',
  DOCUMENT_TOO_LARGE: 'split or scale the document, or raise the limit if the machine has the memory for it',
};

/** `got` says what was found, in sizes and names, never in content. */
export function documentFailure(
  code: DocumentFault,
  message: string,
  where: string,
  got?: string,
  cause?: unknown,
): Failure {
  return new Failure(
    { code, message, where, ...(got !== undefined && { got }), remedy: REMEDIES[code], exitCode: 2 },
    { cause },
  );
}

/** Files that are given in a scan's place, by their first bytes. */
const KINDS: readonly [start: string, kind: string][] = [
  ['%PDF-', 'a PDF'],
  ['\x89PNG', 'a PNG'],
  ['\xff\xd8\xff', 'a JPEG'],
  ['II*\0', 'a TIFF'],
  ['MM\0*', 'a TIFF'],
  ['RIFF', 'WebP or another RIFF file'],
  ['PK', 'a ZIP archive, as Word and Excel write'],
  ['\xd0\xcf\x11\xe0', 'an old Office document'],
  ['{\\rtf', 'rich text'],
  ['<', 'HTML, XML or SVG'],
];

/** Size and kind of a file: tells a PDF from a web page at a glance. None of its bytes: they may be a text's first words. */
export function kindOf(bytes: Buffer): string {
  const start = bytes.subarray(0, 8).toString('latin1');
  const [, kind = 'text or data of an unknown kind'] = KINDS.find(([sign]) => start.startsWith(sign)) ?? [];
  return bytes.length === 0 ? '0 bytes' : `${bytes.length} bytes that look like ${kind}`;
}
