import { Failure, messageOf } from '../../domain/failure';
import { documentFailure, kindOf } from '../documentFailure';
import { TooManyPixels } from './pixels';

/** Files that people have, and the program that makes of them what can be read. */
const CONVERTERS: readonly [sign: RegExp, kind: string, remedy: string][] = [
  [/^PK\x03\x04[^]*\.fdseq/, 'XPS', 'make a PDF of it first: xpstopdf FILE FILE.pdf (libgxps)'],
  [/^PK\x03\x04[^]{26,}?(word|xl|ppt|_rels|docProps|\[Content_Types\])/, 'an Office file', office()],
  [/^PK\x03\x04[^]{26}mimetypeapplication\/vnd\.oasis/, 'an OpenDocument file', office()],
  [
    /^PK\x03\x04[^]{26}mimetypeapplication\/epub/,
    'an EPUB',
    'export it to PDF first: ebook-convert book.epub book.pdf (Calibre)',
  ],
  [
    /^\xd0\xcf\x11\xe0[^]*_\0_\0s\0u\0b\0s\0t\0g\0/,
    'an Outlook message',
    'make an e-mail of it first: msgconvert FILE (Email::Outlook::Message), or save it from Outlook as PDF',
  ],
  [/^\xd0\xcf\x11\xe0/, 'an old Office file', office()],
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
];

function office(): string {
  return 'make a PDF of it first: soffice --headless --convert-to pdf FILE (LibreOffice)';
}

/** What is no picture, and which program makes one of it. */
export function notReadable(bytes: Buffer, where: string): Failure {
  const [, kind, remedy] = CONVERTERS.find(([sign]) => sign.test(samplesOf(bytes))) ?? [];
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

/** The start, and where archives and compound files list what is in them. */
function samplesOf(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 2000);
  if (!/^(PK|\xd0\xcf)/.test(start)) return start;
  const at = start.startsWith('PK') ? bytes.length - 20_000 : bytes.indexOf(OUTLOOK);
  return start + bytes.toString('latin1', Math.max(0, at), Math.max(0, at) + 20_000);
}
/** How the streams of an Outlook message are called. */
const OUTLOOK = Buffer.from('__substg1.0_', 'utf16le');

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
