import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { googleIdentityToken } from '../../ocr/googleIdentityToken';
import { bundled } from '../bundled';

/** The metadata server of a machine on Google Cloud, as far as identity tokens need it; the token says whom it is for. */
async function startMetadataServer() {
  const server = createServer(({ url = '', headers }, response) => {
    const asked = new URL(url, 'http://metadata');
    const allowed = headers['metadata-flavor'] === 'Google';
    const identity = asked.pathname === '/computeMetadata/v1/instance/service-accounts/default/identity';
    response.writeHead(allowed ? 200 : 403, { 'metadata-flavor': 'Google' });
    response.end(identity ? `token for ${asked.searchParams.get('audience')}` : 'metadata');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() };
}

const client = bundled('ocr/googleIdentityToken');

/** In a process of its own: google-auth-library loads its fetch in a way that Jest does not allow. */
async function tokenOnMachine(url: string, metadataHost: string): Promise<string> {
  const { files } = await client;
  const script = `import('${files[0]}').then((client) => client.googleIdentityToken('${url}')()).then(console.log)`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    env: { PATH: process.env.PATH, CLOUDSDK_CONFIG: '/nowhere', GCE_METADATA_HOST: metadataHost },
  });
  return stdout.trim();
}

describe('googleIdentityToken', () => {
  const before = process.env.GOOGLE_APPLICATION_CREDENTIALS;
  afterEach(() => {
    if (before === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before;
  });

  test.each([undefined, 'invoker@p.iam.gserviceaccount.com'])(
    'rejects without credentials, and says what to do (impersonating %s)',
    async (impersonate) => {
      process.env.GOOGLE_APPLICATION_CREDENTIALS = '/nowhere/credentials.json';
      const token = googleIdentityToken('https://t---svc.a.run.app', { impersonate });
      await expect(token()).rejects.toMatchObject({
        code: 'NO_IDENTITY_TOKEN',
        where: 'https://svc.a.run.app',
        exitCode: 2,
      });
    },
  );

  test.each(['https://svc.a.run.app', 'https://t---svc.a.run.app/v1/models'])(
    "of the machine's own account for %s is for the service's base URL",
    async (url) => {
      const metadata = await startMetadataServer();
      try {
        expect(await tokenOnMachine(url, metadata.host)).toBe('token for https://svc.a.run.app');
      } finally {
        metadata.stop();
      }
    },
  );
});
