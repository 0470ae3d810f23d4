import { documentFailure } from './documentFailure';
import type { DocumentLimits } from './limits';
import { type Pdfium, withScratch } from './pdfium';

/** More are not listed: a portfolio of a mailbox has some thousands. */
const MOST_ATTACHMENTS = 10_000;

/** Names of the files that are embedded in a PDF (PDF 32000-1, 7.11.4), in the file's order. */
export function attachmentNames(pdfium: Pdfium, document: number): string[] {
  const count = Math.min(MOST_ATTACHMENTS, pdfium.FPDFDoc_GetAttachmentCount(document));
  return Array.from({ length: Math.max(0, count) }, (_, at) => {
    const attachment = pdfium.FPDFDoc_GetAttachment(document, at);
    const bytes = attachment === 0 ? 0 : pdfium.FPDFAttachment_GetName(attachment, 0, 0);
    const name = withScratch(pdfium, bytes + 2, (buffer) => {
      pdfium.FPDFAttachment_GetName(attachment, buffer, bytes);
      return pdfium.memory().toString('utf16le', buffer, buffer + Math.max(0, bytes - 2));
    });
    // A name of the file's maker goes into messages and file names.
    return name.replace(/[\p{Cc}\p{Cf}/\\]/gu, '_') || `file ${at + 1}`;
  });
}

/** An embedded file. @throws Failure UNREADABLE_DOCUMENT, DOCUMENT_TOO_LARGE. */
export function attachmentContent(
  pdfium: Pdfium,
  document: number,
  at: number,
  { name, limits }: { readonly name: string; readonly limits: DocumentLimits },
): Uint8Array {
  const where = `${name}, embedded file ${at + 1}`;
  return withScratch(pdfium, 4, (size) => {
    const attachment = pdfium.FPDFDoc_GetAttachment(document, at);
    const isThere = attachment !== 0 && pdfium.FPDFAttachment_GetFile(attachment, 0, 0, size) !== 0;
    if (!isThere) throw documentFailure('UNREADABLE_DOCUMENT', 'The embedded file cannot be read.', where);
    const bytes = pdfium.memory().readUInt32LE(size);
    if (bytes > limits.maxFileBytes)
      throw documentFailure('DOCUMENT_TOO_LARGE', 'The embedded file is too large.', where, `${bytes} bytes`);
    return withScratch(pdfium, bytes + 1, (buffer) => {
      pdfium.FPDFAttachment_GetFile(attachment, buffer, bytes, size);
      return new Uint8Array(pdfium.memory().subarray(buffer, buffer + bytes));
    });
  });
}
