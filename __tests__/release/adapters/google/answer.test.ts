import { cloudBuild } from '../../../../release/adapters/google/cloudBuild';
import type { CallApi } from '../../../../release/adapters/google/googleApi';
import { metrics } from '../../../../release/adapters/google/metrics';
import { registry } from '../../../../release/adapters/google/registry';
import { cloudRun } from '../../../../release/adapters/google/cloudRun';
import { DEPLOYMENT } from '../../../constructs/deployment';
import { fakeClock } from '../../../fixtures/clock';

const AT = new Date('2026-01-01T00:00:00.000Z');
const PAGE = '<html>Sign in to the network</html>';
/** Everything that is decided upon, by who asks for it. */
const QUESTIONS: readonly [what: string, ask: (call: CallApi) => Promise<unknown>, lists: boolean][] = [
  ['service', (call) => cloudRun(call, DEPLOYMENT).service(), false],
  ['revision', (call) => cloudRun(call, DEPLOYMENT).revision('a'), false],
  ['revisions', (call) => cloudRun(call, DEPLOYMENT).revisions(), true],
  ['operation', (call) => cloudRun(call, DEPLOYMENT).operationError('operations/1'), false],
  ['tag', (call) => registry(call, DEPLOYMENT, fakeClock()).digestOf('tag'), false],
  ['image', (call) => registry(call, DEPLOYMENT, fakeClock()).has('sha256:a'), false],
  ['tags', (call) => registry(call, DEPLOYMENT, fakeClock()).tagsOf('sha256:a'), true],
  ['build', (call) => cloudBuild(call, DEPLOYMENT).get('id'), false],
  ['builds', (call) => cloudBuild(call, DEPLOYMENT).tagged('tag'), true],
  ['metrics', (call) => metrics(call, DEPLOYMENT).windowStats('revision', AT, AT), true],
];

const answering = (data: unknown, asked = { times: 0 }): CallApi =>
  (async () => {
    asked.times++;
    return { status: 200, headers: new Headers(), data };
  }) as CallApi;

describe('an answer that is decided upon', () => {
  test.each(QUESTIONS)('%s: a page of a proxy is none, and is asked for again', async (_what, ask) => {
    const asked = { times: 0 };
    await expect(ask(answering(PAGE, asked))).rejects.toMatchObject({ code: 'API_MALFORMED', exitCode: 3 });
    expect(asked.times).toBeGreaterThanOrEqual(3);
  });

  test.each(QUESTIONS)('%s: so are a truncated one and a list of nothing', async (_what, ask) => {
    for (const data of ['{"name": "projects/p', '', [], null])
      await expect(ask(answering(data))).rejects.toMatchObject({ code: 'API_MALFORMED' });
  });

  test.each(QUESTIONS.filter(([, , lists]) => !lists))('%s: so is an empty object', async (_what, ask) => {
    await expect(ask(answering({}))).rejects.toMatchObject({ code: 'API_MALFORMED' });
  });

  test.each(QUESTIONS.filter(([, , lists]) => lists))(
    '%s: an empty object is an empty list',
    async (_what, ask) => {
      expect([[], undefined]).toContainEqual(await ask(answering({})));
    },
  );
});
