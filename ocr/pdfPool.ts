import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Failure, messageOf } from '../domain/failure';
import { documentFailure } from './documentFailure';
import { type Deadline, systemDeadline } from './clock';
import type { PageRequest, PdfPage, PdfReply, PdfRequest, PdfSummary, PdfToOpen } from './pdfMessages';
import { compilePdfium } from './pdfium';

/** A PDF that threads of the pool open as they need it. */
export interface PooledPdf extends PdfSummary {
  page(number: number, how: Omit<PageRequest, 'number'>, signal?: AbortSignal): Promise<PdfPage>;
  attachment(at: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Lets the threads forget it. Without this they do when they open another one, or end. */
  close(): void;
}

export interface PdfPool {
  /** Threads at most. */
  readonly size: number;
  /** @throws Failure as `openPdf`, PAGE_OVER_BOUNDS; the signal's reason. */
  open(file: PdfToOpen, signal?: AbortSignal): Promise<PooledPdf>;
}

/** More would take memory and gain little: the service reads a page or two a second. An own choice. */
const MOST_THREADS = 4;
/** Each thread has its own copy: a large file is opened by one thread only. */
const LARGE_FILE_BYTES = 64 * 2 ** 20;
/** A thread without work ends. */
const IDLE_SECONDS = 10;

interface File extends PdfToOpen {
  readonly id: number;
}
interface Job {
  readonly file: File;
  /** None: opening is all. */
  readonly task?: Task;
  readonly signal: AbortSignal | undefined;
  resolve(this: void, reply: PdfReply): void;
  reject(this: void, error: unknown): void;
}
type Task = PdfRequest & { readonly kind: 'page' | 'attachment' };
interface Thread {
  readonly worker: Worker;
  file?: number;
  job?: Job;
  idle?: NodeJS.Timeout;
}

let shared: PdfPool | undefined;

/** The pool of this process, one thread a core. */
export const sharedPdfPool = (): PdfPool => (shared ??= createPdfPool());

/**
 * Threads that open PDFs and draw their pages. A page that takes longer than `limits.maxPageSeconds` ends with its thread, and
 * so does one whose signal fires: nothing else stops pdfium in the middle of a page.
 */
export function createPdfPool({
  size = Math.min(MOST_THREADS, availableParallelism()),
  deadline = systemDeadline,
}: { readonly size?: number; readonly deadline?: Deadline } = {}): PdfPool {
  const threads: Thread[] = [];
  const queue: Job[] = [];
  let program: Promise<WebAssembly.Module> | undefined;
  let lastId = 0;

  const end = (thread: Thread) => {
    clearTimeout(thread.idle);
    if (threads.includes(thread)) threads.splice(threads.indexOf(thread), 1);
    void thread.worker.terminate();
  };

  /** The thread for a job, or undefined when it has to wait for one. */
  const threadFor = ({ file }: Job, compiled: WebAssembly.Module): Thread | undefined => {
    const holders = threads.filter((thread) => thread.file === file.id);
    const ready = holders.find((thread) => thread.job === undefined);
    if (ready || (holders.length > 0 && file.bytes.length > LARGE_FILE_BYTES)) return ready;
    const idle = threads.find((thread) => thread.job === undefined);
    if (idle || threads.length >= size) return idle;
    const thread: Thread = { worker: startWorker(compiled) };
    threads.push(thread);
    return thread;
  };

  const dispatch = async () => {
    const compiled = await (program ??= compilePdfium());
    for (const job of [...queue]) {
      const thread = threadFor(job, compiled);
      if (thread === undefined) continue;
      queue.splice(queue.indexOf(job), 1);
      thread.job = job;
      void perform(thread, job);
    }
  };

  const perform = async (thread: Thread, job: Job) => {
    clearTimeout(thread.idle);
    thread.worker.ref();
    try {
      job.resolve(await within(job, deadline, (signal) => answer(thread, job, signal)));
    } catch (error) {
      end(thread);
      job.reject(error);
    }
    thread.job = undefined;
    thread.worker.unref();
    thread.idle = setTimeout(() => end(thread), 1000 * IDLE_SECONDS).unref();
    void dispatch();
  };

  const ask = (file: File, task?: Task, signal?: AbortSignal) => {
    let forget = () => undefined as void;
    return new Promise<PdfReply>((resolve, reject) => {
      signal?.throwIfAborted();
      const job = { file, task, signal, resolve, reject };
      const leave = () => {
        if (!queue.includes(job)) return;
        queue.splice(queue.indexOf(job), 1);
        reject(signal!.reason as Error);
      };
      queue.push(job);
      signal?.addEventListener('abort', leave);
      // The signal is the batch's: what stays on it keeps every page that was drawn.
      forget = () => signal?.removeEventListener('abort', leave);
      dispatch().catch(reject);
    })
      .finally(() => forget())
      .then(successful);
  };

  return {
    size,
    async open(given, signal) {
      const bytes = new Uint8Array(new SharedArrayBuffer(given.bytes.length));
      bytes.set(given.bytes);
      const file = { ...given, id: ++lastId, bytes };
      const opened = await ask(file, undefined, signal);
      if (opened.kind !== 'summary') throw new Error(`a thread answered ${opened.kind} to open`);
      return {
        ...opened.summary,
        async page(number, how, pageSignal) {
          const request = { kind: 'page', document: file.id, number, ...how } as const;
          const reply = await ask(file, request, pageSignal);
          if (reply.kind !== 'page') throw new Error(`a thread answered ${reply.kind} to page`);
          return reply.page;
        },
        async attachment(at, itsSignal) {
          const reply = await ask(file, { kind: 'attachment', document: file.id, at }, itsSignal);
          if (reply.kind !== 'attachment') throw new Error(`a thread answered ${reply.kind} to attachment`);
          return reply.content;
        },
        close() {
          for (const thread of threads)
            if (thread.file === file.id) {
              thread.file = undefined;
              thread.worker.postMessage({ kind: 'close', document: file.id } satisfies PdfRequest);
            }
        },
      };
    },
  };
}

/** Beside the file itself in the client's package; else a program of the project (`bin/start.js`). */
function startWorker(program: WebAssembly.Module): Worker {
  const built = join(__dirname, 'pdfWorker.js');
  const options = { workerData: { program }, execArgv: [] };
  if (existsSync(built)) return new Worker(built, options);
  return new Worker(join(__dirname, '..', 'bin', 'start.js'), { ...options, argv: ['ocr/pdfWorker'] });
}

/** Opens the job's file in the thread, unless it is, and asks for the job's page. */
async function answer(thread: Thread, { file, task }: Job, signal: AbortSignal): Promise<PdfReply> {
  const { id: document, bytes, name, limits, password } = file;
  const open = { kind: 'open', document, bytes, name, limits, password } as const;
  if (thread.file !== document) {
    thread.file = undefined;
    const opened = await exchange(thread, open, signal);
    if (opened.kind !== 'summary') return opened;
    thread.file = document;
    if (task === undefined) return opened;
  }
  return exchange(thread, task ?? open, signal);
}

function exchange({ worker }: Thread, request: PdfRequest, signal: AbortSignal): Promise<PdfReply> {
  return new Promise((resolve, reject) => {
    const stop = () => settle(() => reject(signal.reason as Error));
    const failed = (error: Error) => settle(() => reject(error));
    const ended = (code: number) => failed(new Error(`a thread that reads PDFs ended with ${code}`));
    const replied = (reply: PdfReply) => settle(() => resolve(reply));
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', stop);
      worker.off('message', replied).off('error', failed).off('exit', ended);
      act();
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop);
    worker.on('message', replied).on('error', failed).on('exit', ended);
    worker.postMessage(request);
  });
}

/** Does the job's work with a signal that fires with the job's own, or when the time is over. */
async function within<T>(
  { file, task, signal }: Job,
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { maxPageSeconds } = file.limits;
  const { signal: late, end } = deadline(maxPageSeconds);
  try {
    return await work(signal ? AbortSignal.any([signal, late]) : late);
  } catch (error) {
    signal?.throwIfAborted();
    const where = task?.kind === 'page' ? `${file.name}, page ${task.number}` : file.name;
    if (late.aborted)
      throw documentFailure(
        'PAGE_OVER_BOUNDS',
        'The page takes too long.',
        where,
        `over ${maxPageSeconds} s`,
      );
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
      throw documentFailure('PAGE_OVER_BOUNDS', 'The page takes too much memory.', where, messageOf(error));
    throw error;
  } finally {
    end();
  }
}

function successful(reply: PdfReply): PdfReply {
  if (reply.kind === 'failure') throw new Failure(reply.details);
  if (reply.kind === 'defect') throw Object.assign(new Error(reply.message), { stack: reply.stack });
  return reply;
}
