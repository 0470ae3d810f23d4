import { parentPort, workerData } from 'node:worker_threads';
import { Failure, messageOf } from '../domain/failure';
import { openPdf, type PdfFile } from './pdf';
import type { PdfReply, PdfRequest } from './pdfMessages';

/**
 * A thread that opens PDFs and draws their pages, one request at a time (`pdfPool.ts`). A page that hangs pdfium, or takes all
 * of its memory, is lost with this thread and without the process.
 */
const { program } = workerData as { program: WebAssembly.Module };
const open = new Map<number, PdfFile>();

async function answer(request: PdfRequest): Promise<PdfReply | undefined> {
  if (request.kind === 'close') {
    open.delete(request.document);
    return undefined;
  }
  if (request.kind === 'open') {
    // One file at a time: what the last one took goes with it.
    open.clear();
    const file = await openPdf(request, program);
    open.set(request.document, file);
    const { pageCount, warnings, attachments } = file;
    return { kind: 'summary', summary: { pageCount, warnings, attachments } };
  }
  const file = open.get(request.document);
  if (file === undefined) throw new Error(`document ${request.document} is not open in this thread`);
  if (request.kind === 'attachment') return { kind: 'attachment', content: file.attachment(request.at) };
  return { kind: 'page', page: await file.page(request) };
}

function failed(error: unknown): PdfReply {
  if (error instanceof Failure) {
    const { code, message, where, got, remedy, exitCode } = error;
    return { kind: 'failure', details: { code, message, where, got, remedy, exitCode } };
  }
  return { kind: 'defect', message: messageOf(error), stack: (error as Error).stack ?? '' };
}

function buffersOf(reply: PdfReply): Uint8Array[] {
  if (reply.kind === 'attachment') return [reply.content];
  return reply.kind === 'page' && reply.page.kind === 'image' ? [reply.page.drawing.pixels] : [];
}

parentPort?.on('message', (request: PdfRequest) => {
  void answer(request)
    .catch(failed)
    .then((reply) => {
      if (reply === undefined) return;
      // Handed over, not copied.
      parentPort?.postMessage(
        reply,
        buffersOf(reply).map(({ buffer }) => buffer as ArrayBuffer),
      );
    });
});
