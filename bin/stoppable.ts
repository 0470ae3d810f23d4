import { Failure, type FailureDetails } from '../domain/failure';
import type { ReleaseContext } from '../release/ports/context';

/** A signal that Ctrl-C, and a standard output that nobody takes any more, fire. */
export function stopSignal(): AbortSignal {
  const abort = new AbortController();
  const stop = (why: string) => abort.abort(new DOMException(why, 'AbortError'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
  // `| head` closes it: pages that nobody takes are not read.
  process.stdout.on('error', ({ message }: Error) => stop(message));
  process.stderr.on('error', () => undefined);
  return abort.signal;
}

/** The context of a command that calls the service; its signal is `stopSignal`'s. */
export async function openStoppable(
  name: string,
  endpoint: string | undefined,
  progress: (line: string) => void,
  signal = stopSignal(),
): Promise<ReleaseContext> {
  const [{ openRelease }, { loadDeployment }] = await Promise.all([
    import('../release/open'),
    import('../deployments/load'),
  ]);
  return openRelease({ endpoint, deployment: loadDeployment(name), signal, progress });
}

/** A command that was stopped says what that means for it. */
export async function untilStopped(
  signal: AbortSignal,
  act: () => Promise<void>,
  about: Pick<FailureDetails, 'message' | 'where' | 'remedy'>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!signal.aborted || (error as Failure).code === 'OUTPUT_NOT_WRITABLE') throw error;
    const got = (signal.reason as Error).message;
    throw new Failure({ code: 'STOPPED', ...about, got, exitCode: 1 }, { cause: error });
  }
}
