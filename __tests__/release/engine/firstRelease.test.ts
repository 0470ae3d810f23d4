import { LATEST, REVISION } from '../../../domain/releases/traffic';
import { deployRun, planRun } from '../../../rehearsal/stage';
import { build } from '../../../release/verbs/build';
import type { ReleaseContext } from '../../../release/ports/context';
import { applyRun, endOf, type Engine, openEngine, percentOf } from './engine';

type Change = (context: ReleaseContext) => Partial<ReleaseContext>;

describe('the first deploy ever', () => {
  let engine: Engine;
  beforeEach(async () => void (engine = await openEngine()));
  afterEach(() => engine.stop());

  const deploy = async (fault?: string, change?: Change) => {
    const sha = await engine.merge(fault);
    const run = engine.run(`merge-${sha.slice(0, 7)}`, change);
    let revision = '';
    const deployed = planRun(run, sha).then((planned) => {
      ({ revision } = planned);
      return deployRun(run, sha, planned, { initLedger: true });
    });
    return { end: await endOf(deployed), revision };
  };

  test('applies nothing without --init-ledger', async () => {
    const run = engine.run('merge-a');
    const planned = await planRun(run, await engine.merge());
    expect(await endOf(applyRun(run, planned))).toBe('NO_LEDGER, exit 3');
    expect(engine.service()).toBeUndefined();
  });

  test('is pinned by its name once the smoke test has passed', async () => {
    let during: unknown;
    const watched: Change = ({ defences }) => ({
      defences: {
        ...defences,
        smoke: (...args) => ((during = engine.service().traffic), defences.smoke(...args)),
      },
    });
    const { end, revision } = await deploy(undefined, watched);
    expect(end).toBe('done');
    expect(during).toEqual([{ type: LATEST, percent: 100 }]);
    expect(engine.service().traffic).toEqual([{ type: REVISION, revision, percent: 100 }]);
    expect((await engine.ledger()).intent).toMatchObject({ revision });
  });

  test('stops when it fails the smoke test: there is nothing to go back to', async () => {
    const { end, revision } = await deploy('garbage');
    expect(end).toBe('FIRST_RELEASE_FAILED, exit 3');
    const { intent, releases } = await engine.ledger();
    expect(intent).toBeUndefined();
    expect(releases).toEqual([expect.objectContaining({ revision, state: 'failed' })]);
    expect((await deploy()).end).toBe('done');
  });

  test('without the smoke test serves garbage', async () => {
    const { end, revision } = await deploy('garbage', ({ defences }) => ({
      defences: { ...defences, smoke: () => Promise.resolve({ passed: true, findings: [] }) },
    }));
    expect(end).toBe('done');
    expect((await engine.ledger()).intent).toMatchObject({ revision });
  });

  test('that crashes at its start can be deployed again with a good image', async () => {
    expect((await deploy('crash-at-start')).end).toBe('REVISION_NOT_READY, exit 1');
    const { end, revision } = await deploy();
    expect(end).toBe('done');
    expect(percentOf(engine, revision)).toBe(100);
  });

  test('that crashes blocks every later deploy while its taint stands', async () => {
    const tainted: Change = ({ terraform }) => ({
      terraform: { ...terraform, untaint: () => Promise.resolve() },
    });
    expect((await deploy('crash-at-start', tainted)).end).toBe('REVISION_NOT_READY, exit 1');
    expect((await deploy()).end).toBe('SERVICE_REPLACED, exit 3');
  });

  test('stops at a service that was made by hand, and leaves it as it is', async () => {
    const { project, region, service } = engine.deployment;
    const { digest } = await build(engine.run('by hand'), { sha: await engine.merge() });
    const image = `${region}-docker.pkg.dev/${project}/loan-repo/lightonocr-gpu@${digest}`;
    const containers = [{ image, args: ['--model', 'm'], ports: [{ containerPort: 8000 }] }];
    const template = { containers, revision: `${service}-by-hand` };
    await engine.byHand({ template }, 'template', { allowMissing: 'true' });
    const { generation } = engine.service();
    expect((await deploy()).end).toBe('SERVICE_NOT_IN_STATE, exit 3');
    expect(engine.service().generation).toBe(generation);
  });
});
