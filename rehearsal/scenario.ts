import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { characterErrorRate } from '../domain/text/characterErrorRate';
import { shortSha, stackKinds, stackName } from '../domain/names';
import { goldenText } from '../release/checks/golden';
import { readDocument } from '../release/checks/readDocument';
import { rollback } from '../release/verbs/rollback';
import { planService } from '../release/adapters/terraform/synthPlan';
import type { Expectations } from './expectations';
import { MAX_CHARACTER_ERROR_RATE, RUSH, startLoad } from './load';
import { failureOf, GOLDEN_PAGE, goldenPage, type Stage } from './stage';

/** A row of the table at the end. */
export interface StepResult {
  readonly revision: string;
  readonly traffic: string;
  readonly verdict: string;
}

export interface Step {
  readonly number: number;
  readonly title: string;
  readonly run: () => Promise<StepResult>;
}

/** Lines that make another image of the same Dockerfile. `STAND_IN_FAULT` is what the stand-in for vLLM listens to. */
const IMAGES = {
  A: 'LABEL release=A',
  B: 'LABEL release=B',
  C: 'LABEL release=C\nENV STAND_IN_FAULT=garbage',
  D: 'LABEL release=D\nENV STAND_IN_FAULT=errors-after:6',
  E: 'LABEL release=E',
};

/** The story of the README, each expectation a check on the state of the local cloud. @param pageFile a document to read at the end. */
export function scenario(
  stage: Stage,
  { expect }: Expectations,
  pageFile: string,
  out: NodeJS.WritableStream,
): Step[] {
  let a = '';
  let b = '';
  let shaA = '';
  let shaB = '';
  const row = async (revision: string, verdict: string): Promise<StepResult> => ({
    revision,
    verdict,
    traffic: await stage.traffic(),
  });
  const { routed } = stage;
  const serves = async (step: number, text: string, revision: string) =>
    expect(step, text, (await stage.traffic()) === `${revision} 100 %`, await stage.traffic());

  const synth = async () => {
    shaA = await stage.repository.merge('A', { image: IMAGES.A });
    const directory = await stage.synth();
    const stacks = (await readdir(dirname(directory))).sort();
    const { deployment } = stage.context('look');
    const names = stackKinds(deployment)
      .map((kind) => stackName(deployment, kind))
      .sort();
    expect(1, 'all stacks of the deployment are written', isDeepStrictEqual(stacks, names), stacks);
    const { json } = await planService(stage.context('synth'), directory, shaA);
    const created = (json.resource_changes ?? []).filter(({ change }) => change.actions.includes('create'));
    const addresses = created.map(({ address }) => address);
    expect(1, 'the service stack plans one service', created.length === 1, addresses);
    return row('', `${stacks.length} stacks; plans ${addresses.join(', ')}`);
  };

  const first = async () => {
    const planned = await stage.plan(shaA);
    a = planned.revision;
    await stage.deploy(shaA, planned, { initLedger: true });
    await serves(2, 'A serves everything, by its name', a);
    return row(a, 'served');
  };

  const canary = async () => {
    shaB = await stage.repository.merge('B', { image: IMAGES.B });
    const planned = await stage.plan(shaB);
    b = planned.revision;
    const load = await startLoad(stage.context('backend'), await goldenPage());
    const failure = await failureOf(stage.deploy(shaB, planned));
    const { sent, lost, reasons } = await load.stop();
    expect(3, 'the release of B ends well', failure === undefined, failure?.toString());
    await serves(3, 'B serves everything', b);
    expect(3, 'no page of the load is lost', lost === 0, `${lost} of ${sent} lost: ${reasons.join('; ')}`);
    expect(3, 'both revisions answered pages', routed(a) > 0 && routed(b) > 0, {
      a: routed(a),
      b: routed(b),
    });
    return row(b, `served, ${sent} pages, ${lost} lost`);
  };

  const garbage = async () => {
    const sha = await stage.repository.merge('C', { image: IMAGES.C });
    const planned = await stage.plan(sha);
    const failure = await failureOf(stage.deploy(sha, planned));
    expect(
      4,
      'the smoke test catches C',
      failure?.code === 'SMOKE_FAILED',
      failure?.code ?? 'C was released',
    );
    expect(4, 'C never had traffic', routed(planned.revision) === 0, `${routed(planned.revision)} requests`);
    await serves(4, 'B serves everything', b);
    return row(planned.revision, `smoke failed: ${failure!.message.split(': ').pop()}`);
  };

  const failsUnderLoad = async () => {
    const sha = await stage.repository.merge('D', { image: IMAGES.D });
    const planned = await stage.plan(sha);
    const load = await startLoad(stage.context('backend'), await goldenPage(), RUSH);
    const failure = await failureOf(stage.deploy(sha, planned));
    await load.stop();
    const code = failure?.code ?? 'D was released';
    expect(5, 'the canary catches D', code === 'CANARY_UNHEALTHY', code);
    expect(5, 'D had traffic', routed(planned.revision) > 0, `${routed(planned.revision)} requests`);
    await serves(5, 'B serves everything again', b);
    return row(planned.revision, `put back: ${failure!.message.split(': ').pop()}`);
  };

  const rollbackBeforeApply = async () => {
    const sha = await stage.repository.merge('E', { image: IMAGES.E });
    const planned = await stage.plan(sha);
    await rollback(stage.context('on-call'), { reason: 'between plan and apply', to: a, now: true });
    const failure = await failureOf(stage.apply(sha, planned));
    expect(6, 'the apply of E ends well', failure === undefined, failure?.toString());
    expect(6, 'the apply did not undo the rollback', (await stage.percent(a)) === 100, await stage.traffic());
    expect(
      6,
      'E exists and has nothing',
      (await stage.percent(planned.revision)) === 0,
      await stage.traffic(),
    );
    const result = await row(planned.revision, 'applied; A still serves');
    await rollback(stage.context('on-call'), { reason: 'back to B on purpose', to: b, now: true });
    expect(6, 'B serves everything', (await stage.percent(b)) === 100, await stage.traffic());
    return result;
  };

  const manualRollback = async () => {
    await rollback(stage.context('on-call'), { reason: 'tables come out empty' });
    await serves(7, 'A serves everything', a);
    const later = await stage.repository.merge('B again', {
      content: shaB,
      document: 'nothing new in the image',
    });
    const washed = await failureOf(stage.plan(later).then((planned) => stage.deploy(later, planned)));
    expect(
      7,
      'the same image under a new SHA is refused',
      washed?.code === 'HELD',
      washed?.code ?? 'it was released',
    );
    const again = await failureOf(stage.plan(shaB).then((planned) => stage.deploy(shaB, planned)));
    expect(7, "a rerun of B's deploy is refused", again?.code === 'HELD', again?.code ?? 'B was released');
    await serves(7, 'A still serves everything', a);
    return row(a, 'rolled back; B is held');
  };

  const documentation = async () => {
    const sha = await stage.repository.merge('revert B, and documentation', {
      content: shaA,
      document: 'new words',
    });
    const before = stage.revisions().length;
    const planned = await stage.plan(sha);
    const released = await stage.deploy(sha, planned);
    const after = stage.revisions().length;
    expect(8, 'no revision is made', after === before, `${before} before, ${after} after`);
    expect(8, 'no canary runs', released.outcome === 'unchanged', released);
    await serves(8, 'A serves everything', a);
    return row(a, `${shortSha(sha)} changes nothing`);
  };

  const document = async () => {
    const text = await readDocument(stage.context('backend'), pageFile);
    const words = text.split(/\s+/).filter(Boolean).length;
    expect(9, 'the page has text', words > 0, text);
    if (pageFile === GOLDEN_PAGE) {
      const rate = characterErrorRate(goldenText(), text);
      expect(9, 'it is the text of the golden page', rate <= MAX_CHARACTER_ERROR_RATE, rate);
    }
    out.write(`${text.replace(/^/gm, '    | ')}\n`);
    return row(a, `${words} words read`);
  };

  const steps: [string, () => Promise<StepResult>][] = [
    ['synth the stacks', synth],
    ['first release: A', first],
    ['a new image: B, canary under load', canary],
    ['C answers 200 with garbage', garbage],
    ['D fails under load', failsUnderLoad],
    ['a rollback between plan and apply of E', rollbackBeforeApply],
    ['roll back from B to A; B stays out', manualRollback],
    ['only documentation', documentation],
    ['a document', document],
  ];
  return steps.map(([title, run], index) => ({ number: index + 1, title, run }));
}
