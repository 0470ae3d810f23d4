import { Failure } from '../domain/failure';

/** Why a document or one of its pages cannot be read; its file is at fault, not the service. */
export type DocumentFault = 'UNREADABLE_DOCUMENT' | 'ENCRYPTED_DOCUMENT' | 'DOCUMENT_TOO_LARGE';

const REMEDIES: Record<DocumentFault, string> = {
  UNREADABLE_DOCUMENT: 'give a PDF, PNG, JPEG, TIFF, WebP, GIF or AVIF file that other programs open',
  ENCRYPTED_DOCUMENT: 'save the PDF without its password first',
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

/** Size and first bytes of a file, as far as they are printable: tells a PDF from a web page at a glance. */
export function startOf(bytes: Buffer): string {
  const start = bytes
    .subarray(0, 8)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '.');
  return `${bytes.length} bytes that start with "${start}"`;
}
