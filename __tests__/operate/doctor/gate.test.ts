import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { doctor } from '../../../operate/doctor';
import { openStage, type Stage } from '../../../rehearsal/stage';

describe('gate', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await openStage({ progress: () => undefined })));
  afterAll(() => stage.stop());

  /** GitHub with these answers: of the environment, and of CODEOWNERS. */
  async function gate(environment: object, codeowners: object, status = 200) {
    const server = createServer((request, response) => {
      const isEnvironment = request.url === '/repos/example/lightonocr/environments/rehearsal';
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isEnvironment ? environment : codeowners));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const github = { apiUrl, token: 't' };
    const findings = await doctor(stage.context('person'), { only: ['gate'], github });
    server.closeAllConnections();
    server.close();
    return findings;
  }
  const reviewed = { protection_rules: [{ type: 'required_reviewers', reviewers: [{}] }] };

  it('is ok where somebody has to approve, and every code owner is known', async () => {
    expect(await gate(reviewed, { errors: [] })).toMatchObject([
      { state: 'ok', saw: 'asks first: required_reviewers' },
      { state: 'ok', subject: 'code owners' },
    ]);
  });

  it('is wrong where nobody has to', async () => {
    const [finding] = await gate({ protection_rules: [] }, { errors: [] });
    expect(finding).toMatchObject({ state: 'wrong', mend: expect.stringContaining('required reviewers') });
  });

  it('is wrong where a code owner is unknown', async () => {
    const errors = [{ line: 1, kind: 'Unknown owner', source: '* @nobody' }];
    const [, finding] = await gate(reviewed, { errors });
    expect(finding).toMatchObject({
      state: 'wrong',
      subject: 'code owners',
      mend: 'mend .github/CODEOWNERS',
    });
  });

  it('cannot tell with a token that may not ask', async () => {
    const findings = await gate({ message: 'no' }, { message: 'no' }, 403);
    expect(findings).toMatchObject([{ state: 'cannot tell' }, { state: 'cannot tell' }]);
    for (const { saw } of findings) expect(saw).toContain('GITHUB_403');
  });

  it('asks nobody without a token', async () => {
    expect(await doctor(stage.context('person'), { only: ['gate'] })).toEqual([]);
  });
});
