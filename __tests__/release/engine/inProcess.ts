import { type Server } from 'node:http';
import { commandOf, freePort, type StartContainer } from '../../../rehearsal/cloud/run/process';
// @ts-expect-error: plain JavaScript, which a process runs too
import { goldenServer } from './fixtures/container.cjs';

const serverOf = goldenServer as (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
) => Server | 'crash-at-start';

/** `fixtures/container.cjs` in this process: a start takes no time, and nothing is forked. */
export const startInProcess: StartContainer = async (revision, image, variables) => {
  const port = await freePort();
  const { args, env } = commandOf(revision, image, variables, port);
  const server = serverOf(args, env);
  if (server === 'crash-at-start')
    return { port, exited: Promise.resolve('Container called exit(1).'), kill: () => undefined };
  const exited = new Promise<string>((resolve) => {
    server.on('close', () => resolve('Container called exit(0).'));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const kill = () => {
    server.close();
    server.closeAllConnections();
  };
  return { port, exited, kill };
};
