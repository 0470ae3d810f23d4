import type { Clock } from '../../../ocr/clock';
import type { Program } from '../../fixtures/inProcess';
// @ts-expect-error: plain JavaScript, which a process runs too
import { goldenServer as serverOf } from './fixtures/container.cjs';

/** A dense page on an L4. */
const PAGE_SECONDS = 10;

/** `fixtures/container.cjs` in this process, on its clock. @param pageSeconds 0 where other processes ask: they wait on the wall. */
export const goldenServer =
  ({ sleep }: Clock, pageSeconds = PAGE_SECONDS): Program =>
  ({ args, env, exit }) => {
    const read = async () => (pageSeconds > 0 ? sleep(pageSeconds) : undefined);
    const server = (serverOf as (...of: unknown[]) => ReturnType<Program> | 'crash-at-start')(
      args,
      env,
      read,
    );
    if (server !== 'crash-at-start') return server;
    exit(1);
    return undefined;
  };
