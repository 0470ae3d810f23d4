import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './program';

describe('a machine without credentials', () => {
  test('is told what mends it, and nothing of the search for a metadata server', async () => {
    // A "metadata server" that hangs up: its library does not expect that, and warns.
    const server = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const nobody = mkdtempSync(join(tmpdir(), 'nobody-'));
    const { code, err } = await runProgram(['status', 'rehearsal', '--endpoint', 'http://127.0.0.1:1'], {
      GCE_METADATA_HOST: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      METADATA_SERVER_DETECTION: 'ping-only',
      ...{ HOME: nobody, CLOUDSDK_CONFIG: nobody },
      ...{ GOOGLE_OAUTH_ACCESS_TOKEN: '', GOOGLE_APPLICATION_CREDENTIALS: '' },
    });
    server.close();
    expect(code).toBe(2);
    expect(err).toMatch(/^NO_CREDENTIALS: [^\n]*\n {2}where: [^\n]*\n {2}remedy: [^\n]*\n$/);
  });
});
