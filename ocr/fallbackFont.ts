import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Pdfium } from './pdfiumApi';
import { callbackPointer } from './pdfiumTable';

/**
 * Droid Sans Fallback (Apache-2.0, Android's): 20,902 ideographs, kana and Hangul. pdfium in WebAssembly finds no fonts of a
 * system, and its own have only Latin letters.
 */
const FILE = join(__dirname, 'fonts', 'DroidSansFallback.ttf.br');
/** Windows' numbers of character sets: Shift-JIS, Hangul, GB2312, Big5 (public/fpdf_sysfontinfo.h). */
const EAST_ASIAN = [128, 129, 134, 136];
/** FPDF_SYSFONTINFO of version 2: a version and eight pointers to functions (public/fpdf_sysfontinfo.h). */
const INFO_BYTES = 36;
const HANDLE = 1;

let font: Buffer | undefined;

/** Lets pdfium draw East Asian text whose font is not embedded. The font is read when the first page asks for it. */
export function installFallbackFont(pdfium: Pdfium): void {
  const none = () => 0;
  const nothing = () => undefined;
  const mapFont = (_info: number, _weight: number, _italic: number, charset: number) =>
    EAST_ASIAN.includes(charset) ? HANDLE : 0;
  const fontData = (_info: number, _handle: number, table: number, buffer: number, bytes: number) => {
    font ??= brotliDecompressSync(readFileSync(FILE));
    const data = table === 0 ? font : tableOf(font, table);
    if (buffer !== 0 && bytes >= data.length) pdfium.memory().set(data, buffer);
    return data.length;
  };
  const functions = [
    callbackPointer(pdfium, 1, nothing, 'void'), // Release
    callbackPointer(pdfium, 2, nothing, 'void'), // EnumFonts
    callbackPointer(pdfium, 7, mapFont),
    0, // GetFont: not called by pdfium
    callbackPointer(pdfium, 5, fontData),
    callbackPointer(pdfium, 4, none), // GetFaceName
    callbackPointer(pdfium, 2, () => EAST_ASIAN[0]!), // GetFontCharset
    callbackPointer(pdfium, 2, nothing, 'void'), // DeleteFont
  ];
  const info = pdfium.malloc(INFO_BYTES);
  const memory = pdfium.memory();
  [1, ...functions].forEach((value, at) => memory.writeInt32LE(value, info + 4 * at));
  pdfium.FPDF_SetSystemFontInfo(info);
}

/** One table of a TrueType file, by its tag as a number; empty where there is none. */
function tableOf(file: Buffer, tag: number): Buffer {
  const tables = file.readUInt16BE(4);
  for (let at = 12; at < 12 + 16 * tables; at += 16) {
    if (file.readUInt32BE(at) !== tag >>> 0) continue;
    const start = file.readUInt32BE(at + 8);
    return file.subarray(start, start + file.readUInt32BE(at + 12));
  }
  return Buffer.alloc(0);
}
