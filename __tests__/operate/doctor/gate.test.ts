import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { doctor } from '../../../operate/doctor';
import { openStage, type Stage } from '../../../rehearsal/stage';

describe('gate', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await openStage({ progress: () => undefined })));
  afterAll(() => stage.stop());

  /** GitHub with these answers: of the environment, and of CODEOWNERS. */
  async function gate(
    environment: object,
    codeowners: object,
    { status = 200, state = 'active', lastRuns = [new Date().toISOString()] } = {},
  ) {
    const answers: Record<string, object> = {
      '/environments/rehearsal': environment,
      '/codeowners/errors': codeowners,
      '/actions/workflows/drift.yml': { state },
      '/actions/workflows/drift.yml/runs?per_page=1': {
        workflow_runs: lastRuns.map((created_at) => ({ created_at })),
      },
    };
    const server = createServer((request, response) => {
      const found = answers[request.url!.replace('/repos/example/lightonocr', '')];
      response.writeHead(found === undefined ? 404 : status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ?? {}));
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
      { state: 'ok', subject: 'drift' },
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

  it.each([
    ['ended by GitHub', { state: 'disabled_inactivity' }, 'no commit for 60 days'],
    ['switched off', { state: 'disabled_manually' }, 'disabled_manually'],
    ['late', { lastRuns: ['2020-01-01T05:41:00Z'] }, 'last run: 2020-01-01T05:41:00Z'],
    ['never run', { lastRuns: [] }, 'last run: never'],
  ])('is wrong where the look for drift is %s', async (_how, answers, saw) => {
    const found = (await gate(reviewed, { errors: [] }, answers)).find(({ subject }) => subject === 'drift');
    expect(found).toMatchObject({
      state: 'wrong',
      saw: expect.stringContaining(saw),
      mend: expect.stringContaining('gh workflow enable drift.yml'),
    });
  });

  it('cannot tell with a token that may not ask', async () => {
    const findings = await gate({ message: 'no' }, { message: 'no' }, { status: 403 });
    expect(findings.map(({ state }) => state)).toEqual(['cannot tell', 'cannot tell', 'cannot tell']);
    for (const { saw } of findings) expect(saw).toContain('GITHUB_403');
  });

  it('asks nobody without a token', async () => {
    expect(await doctor(stage.context('person'), { only: ['gate'] })).toEqual([]);
  });
});
