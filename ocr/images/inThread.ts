import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A picture that takes longer is given up, with its thread. */
const MOST_SECONDS = 60;

/**
 * Runs a decoder in a thread of its own, which ends with the picture: a file can neither hold up the process, nor crash it, nor
 * print into its output.
 * @param program of the thread, CommonJS; it posts one message.
 * @throws what the thread throws; TimeoutError.
 */
export async function inThread<Reply>(program: string, job: object): Promise<Reply> {
  const worker = new Worker(program, {
    eval: true,
    workerData: job,
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  try {
    const signal = AbortSignal.timeout(1000 * MOST_SECONDS);
    const ended = once(worker, 'exit', { signal }).then(() => {
      throw new Error('the decoder ended without a picture');
    });
    ended.catch(() => undefined);
    const [reply] = (await Promise.race([once(worker, 'message', { signal }), ended])) as [Reply];
    return reply;
  } finally {
    await worker.terminate();
  }
}
