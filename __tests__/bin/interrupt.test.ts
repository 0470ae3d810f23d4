import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startProgram } from './program';

/** A Google that takes every question and answers none. */
describe('Ctrl-C', () => {
  let server: Server;
  let url: string;
  beforeEach(async () => {
    server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const interrupted = async (command: string) => {
    const asked = once(server, 'request');
    const { child, ended } = startProgram([command, 'rehearsal', '--endpoint', url]);
    await asked;
    child.kill('SIGINT');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000); // it waits a minute for an answer
    const { code, err } = await ended;
    clearTimeout(late);
    return { code, err, signal: child.signalCode };
  };

  test.each(['troubleshoot', 'status', 'doctor', 'verify', 'revisions', 'history', 'image'])(
    'ends %s at once: there is nothing to put back',
    async (command) => {
      expect(await interrupted(command)).toEqual({ code: null, err: '', signal: 'SIGINT' });
    },
  );
});
