import { stateObject } from '../../../domain/foundation/bootstrap';
import { bucketName, STACK_KINDS, type StackKind } from '../../../domain/names';
import { placeholderIdentity } from '../../../domain/plan/placeholder';
import type { ReleaseContext } from '../../../release/ports/context';
import { drift } from '../../../release/verbs/drift';
import {
  assertNotFirstRelease,
  requireAppliedStacks,
  stateOf,
} from '../../../release/checks/requireAppliedStacks';
import { preview } from '../../../release/verbs/preview';
import { DEPLOYMENT } from '../../constructs/deployment';
import { entry, ledger } from '../../fixtures/ledger';
import { describeWithTerraform } from '../../fixtures/realTerraform';
import { openProject, type Project } from '../../operate/project';

type States = Partial<Record<StackKind, object[]>>;
const FILLED = Object.fromEntries(STACK_KINDS.map((kind) => [kind, [{}]])) as States;

/** A project with these resources in its states, and perhaps with a ledger. */
function scene(states: States, released = true, deployment = DEPLOYMENT) {
  const objects = new Map(
    Object.entries(states).map(([kind, resources]) => [
      `${bucketName(deployment, 'state')}/${stateObject(deployment, kind as StackKind)}`,
      { content: Buffer.from(JSON.stringify({ version: 4, resources })), generation: '1' },
    ]),
  );
  return {
    deployment,
    storage: { read: async (bucket: string, name: string) => objects.get(`${bucket}/${name}`) },
    ledger: {
      url: 'gs://b/ledger.json',
      read: async () => (released ? ledger({ releases: [entry('a')] }) : undefined),
    },
  } as unknown as ReleaseContext;
}

describe('stateOf', () => {
  test.each([
    ['absent', {}],
    ['empty', { access: [] }],
    ['filled', { access: [{}] }],
  ])('says that a state is %s', async (state, states) => {
    expect(await stateOf(scene(states), 'access')).toBe(state);
  });

  test.each(['<html>', '[]', '{"resources": 7}'])('rejects %s, which is no state', async (text) => {
    const storage = { read: async () => ({ content: Buffer.from(text), generation: '1' }) };
    await expect(stateOf({ ...scene({}), storage } as never, 'access')).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
      exitCode: 3,
      got: text,
    });
  });
});

describe('requireAppliedStacks', () => {
  test.each<[string, States]>([
    ['every stack was applied', FILLED],
    ['Access and Observability have nothing in them', { ...FILLED, access: [], observability: [] }],
  ])('passes where %s', (_what, states) => requireAppliedStacks(scene(states)));

  test('passes on a local state, which anybody may begin', () =>
    requireAppliedStacks(scene({}, true, { ...DEPLOYMENT, state: { backend: 'local', path: 's' } })));

  test('rejects all stacks without a state at once, with what a person runs and where the old versions are', async () => {
    const { access: _access, observability: _observability, ...applied } = FILLED;
    await expect(requireAppliedStacks(scene(applied))).rejects.toMatchObject({
      code: 'STACK_NEVER_APPLIED',
      exitCode: 3,
      where: 'gs://example-project-lightonocr-state',
      got: 'example-access: absent, example-observability: absent',
      remedy: expect.stringMatching(
        /bootstrap example --run next.*--all-versions gs:\/\/example-project-lightonocr-state\/example-access\/default\.tfstate$/,
      ),
    });
  });

  test('rejects a service of which there is only the empty state that a look at it leaves', async () => {
    await expect(requireAppliedStacks(scene({ ...FILLED, service: [] }))).rejects.toMatchObject({
      got: 'example-service: empty',
    });
  });
});

describe('assertNotFirstRelease', () => {
  test('passes once a person has released and applied all', () => assertNotFirstRelease(scene(FILLED)));

  test('rejects a deployment without a ledger, whatever its states are', async () => {
    await expect(assertNotFirstRelease(scene(FILLED, false))).rejects.toMatchObject({
      code: 'NO_LEDGER',
      exitCode: 3,
      where: 'gs://b/ledger.json',
      remedy: expect.stringMatching(/bootstrap example --run next; one that was lost: restore/),
    });
  });

  test('rejects one that was released, and whose Access nobody has applied', async () => {
    const { access: _access, ...applied } = FILLED;
    await expect(assertNotFirstRelease(scene(applied))).rejects.toMatchObject({
      code: 'STACK_NEVER_APPLIED',
    });
  });
});

describeWithTerraform('a stack without a state, with the real Terraform and who may only read', () => {
  let project: Project;
  let sha: string;
  beforeAll(async () => {
    project = await openProject();
    sha = await project.stage.repository.merge('first', { image: 'LABEL image=first' });
    const { call, deployment } = project.person();
    for (const bucket of ['state', 'ledger'] as const)
      await call('storage', {
        method: 'POST',
        path: '/storage/v1/b',
        body: { name: bucketName(deployment, bucket) },
      });
    project.stage.cloud.access.withhold('storage.objects.create');
  });
  afterAll(() => project.stop());

  test.each<[string, (context: ReleaseContext) => Promise<unknown>]>([
    ['preview', (context) => preview(context, { sha })],
    ['drift', drift],
  ])('%s rejects it before Terraform is asked', async (_verb, look) => {
    await expect(look(project.person())).rejects.toMatchObject({ code: 'STACK_NEVER_APPLIED' });
  });

  test('Terraform itself would end in a 403 that names no remedy', async () => {
    const context = project.person();
    const { synth, stack } = context.workspace;
    await synth(placeholderIdentity(project.deployment));
    await expect(context.terraform.init(stack('access'))).rejects.toMatchObject({
      code: 'TERRAFORM_FAILED',
      message: expect.stringMatching(/state.*403/s),
    });
  });
});
