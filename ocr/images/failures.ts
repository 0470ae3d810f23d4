import { Failure, messageOf } from '../../domain/failure';
import { documentFailure, kindOf } from '../documentFailure';
import { TooManyPixels } from './pixels';

/** Files that people have, and the program that makes of them what can be read. */
const CONVERTERS: readonly [sign: RegExp, kind: string, remedy: string][] = [
  [/^PK\x03\x04[^]{26,}?(word|xl|ppt|_rels|docProps|\[Content_Types\])/, 'an Office file', office()],
  [/^PK\x03\x04[^]{26}mimetypeapplication\/vnd\.oasis/, 'an OpenDocument file', office()],
  [
    /^PK\x03\x04[^]{26}mimetypeapplication\/epub/,
    'an EPUB',
    'export it to PDF first: ebook-convert book.epub book.pdf (Calibre)',
  ],
  [/^\xd0\xcf\x11\xe0/, 'an old Office file or an Outlook message', office()],
  [/^\{\\rtf/, 'rich text', office()],
  [
    /^(%!PS|\xc5\xd0\xd3\xc6)/,
    'PostScript or EPS',
    'make a PDF of it first: ps2pdf FILE (Ghostscript; -dEPSCrop for EPS)',
  ],
  [/^AT&TFORM/, 'DjVu', 'make a PDF of it first: ddjvu -format=pdf FILE FILE.pdf (DjVuLibre)'],
  [/^8BPS/, 'a Photoshop file', 'export it to PNG first: magick FILE[0] page.png (ImageMagick)'],
  [/^(<svg|<\?xml[^]{0,500}<svg)/, 'SVG', 'make a PDF of it first: rsvg-convert -f pdf -o page.pdf FILE'],
  [
    /^<(!doctype html|html)/i,
    'a web page',
    'print it to PDF first: chromium --headless --print-to-pdf=page.pdf FILE',
  ],
  [
    /^(Received|Return-Path|From|MIME-Version|Delivered-To|Message-ID|Date|Subject|X-[\w-]+|Content-Type): ?/i,
    'an e-mail',
    'save its attachments first (munpack, or the mail program), and print the message itself to PDF',
  ],
  [
    /^(\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/,
    'JPEG 2000',
    'make a PNG of it first: opj_decompress -i FILE -o page.png (OpenJPEG)',
  ],
  [/^(\0\0\0\x0cJXL |\xff\x0a)/, 'JPEG XL', 'make a PNG of it first: djxl FILE page.png (libjxl)'],
];

function office(): string {
  return 'make a PDF of it first: soffice --headless --convert-to pdf FILE (LibreOffice)';
}

/** What is no picture, and which program makes one of it. */
export function notReadable(bytes: Buffer, where: string): Failure {
  const start = bytes.toString('latin1', 0, 2000);
  const [, kind, remedy] = CONVERTERS.find(([sign]) => sign.test(start)) ?? [];
  if (kind === undefined)
    return documentFailure(
      'UNREADABLE_DOCUMENT',
      'Neither a PDF nor an image that can be read.',
      where,
      kindOf(bytes),
    );
  const failure = documentFailure(
    'UNREADABLE_DOCUMENT',
    `This is ${kind}, which is not read.`,
    where,
    kindOf(bytes),
  );
  return new Failure({ ...detailsOf(failure), remedy: remedy! });
}

const detailsOf = ({ code, message, where, got, remedy, exitCode }: Failure) => ({
  code,
  message,
  where,
  got,
  remedy,
  exitCode,
});

/** Codings of known formats that no library reads. */
const CODINGS: readonly [message: RegExp, remedy: string][] = [
  [
    /Unsupported JPEG data precision|precision 12/i,
    'make eight bits of its twelve first: magick FILE -depth 8 page.png (ImageMagick)',
  ],
  [/old-style|OJPEG|Old-style JPEG/i, 'convert it first: tiffcp -c lzw FILE new.tif (libtiff)'],
  [/samples out of range/i, 'convert its samples first: magick FILE -depth 16 new.tif (ImageMagick)'],
];

/** The failure of a picture that cannot be decoded. A library's words name no content: they are of codes and numbers. */
export function imageFailure(error: unknown, where: string, bytes: Buffer): Failure {
  if (error instanceof Failure) return error;
  const message = messageOf(error).trim();
  if (error instanceof TooManyPixels)
    return documentFailure('DOCUMENT_TOO_LARGE', 'The image has too many pixels.', where, message, error);
  const isTooLarge = /pixel limit/.test(message);
  const code = isTooLarge ? 'DOCUMENT_TOO_LARGE' : 'UNREADABLE_DOCUMENT';
  const words = `Not an image that can be read: ${message}.`;
  const failure = documentFailure(code, words, where, kindOf(bytes), error);
  const remedy = CODINGS.find(([sign]) => sign.test(message))?.[1];
  return remedy === undefined ? failure : new Failure({ ...detailsOf(failure), remedy }, { cause: error });
}
