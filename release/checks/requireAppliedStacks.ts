import { z } from 'zod';
import { stateObject } from '../../domain/foundation/bootstrap';
import { Failure } from '../../domain/failure';
import { bucketName, STACK_KINDS, type StackKind, stackName } from '../../domain/names';
import { restoreLedger } from '../../domain/releases/projectState';
import type { ReleaseContext } from '../ports/context';
import { requireLedger } from './readLedger';

type Place = Pick<ReleaseContext, 'deployment' | 'storage'>;

/**
 * Whether the state of a stack in the project's bucket holds resources. An `empty` one is what `terraform init` leaves where
 * nothing was applied yet, and what a stack without resources has.
 * @throws Failure `STATE_UNREADABLE`, exit code 3.
 */
export async function stateOf(
  { deployment, storage }: Place,
  kind: StackKind,
): Promise<'absent' | 'empty' | 'filled'> {
  const [bucket, name] = [bucketName(deployment, 'state'), stateObject(deployment, kind)];
  const found = await storage.read(bucket, name);
  if (found === undefined) return 'absent';
  const text = found.content.toString();
  try {
    const { resources = [] } = STATE.parse(JSON.parse(text));
    return resources.length > 0 ? 'filled' : 'empty';
  } catch (error) {
    throw new Failure(
      {
        code: 'STATE_UNREADABLE',
        message: `The state of ${stackName(deployment, kind)} is none of Terraform's.`,
        where: `gs://${bucket}/${name}`,
        got: text.slice(0, 80),
        remedy: `put its last good version back: gcloud storage ls --all-versions gs://${bucket}/${name}`,
        exitCode: 3,
      },
      { cause: error },
    );
  }
}

const STATE = z.looseObject({ resources: z.array(z.unknown()).optional() });

/** Access without callers and Observability without alerts have no resources, and are applied all the same. */
const NEVER_EMPTY: readonly StackKind[] = ['foundation', 'service'];

/**
 * For whoever may not write a state: where there is none, Terraform's gcs backend makes an empty one, under a lock, even with
 * `-lock=false` and for a plan alone (`StateMgr` in internal/backend/remote-state/gcs/backend_state.go), and ends in a 403.
 * A local state needs nobody's leave.
 * @throws Failure `STACK_NEVER_APPLIED`, exit code 3, with what a person runs; every such stack at once.
 */
export async function requireAppliedStacks(context: Place): Promise<void> {
  const { deployment } = context;
  if (deployment.state.backend !== 'gcs') return;
  const states = await Promise.all(
    STACK_KINDS.map(async (kind) => ({ kind, state: await stateOf(context, kind) })),
  );
  const never = states.filter(
    ({ kind, state }) => state === 'absent' || (state === 'empty' && NEVER_EMPTY.includes(kind)),
  );
  if (never.length === 0) return;
  throw new Failure({
    code: 'STACK_NEVER_APPLIED',
    message: 'Terraform has no state of these stacks: nobody has applied them yet.',
    where: `gs://${bucketName(deployment, 'state')}`,
    got: never.map(({ kind, state }) => `${stackName(deployment, kind)}: ${state}`).join(', '),
    remedy: `${bootstrap(context)}; one that was applied has lost its state, whose old versions are there: gcloud storage ls --all-versions gs://${bucketName(deployment, 'state')}/${stateObject(deployment, never[0]!.kind)}`,
    exitCode: 3,
  });
}

/**
 * The first release is a person's: until Access is applied, which needs the service, no account of GitHub's may send the
 * golden page. Said before anybody is asked for an approval.
 * @throws Failure `NO_LEDGER` or `STACK_NEVER_APPLIED`, exit code 3.
 */
export async function assertNotFirstRelease(context: Place & Pick<ReleaseContext, 'ledger'>): Promise<void> {
  const remedy = `the first release is a person's: ${bootstrap(context)}; one that was lost: ${restoreLedger(context.ledger.url)}`;
  requireLedger(await context.ledger.read(), context, remedy);
  await requireAppliedStacks(context);
}

const bootstrap = ({ deployment: { name } }: Place): string =>
  `as an owner, until every step is done: bin/lightonocr bootstrap ${name} --run next`;
