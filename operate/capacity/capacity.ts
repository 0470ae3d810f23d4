import { capacityPlan, type CapacityPlan, type RegionRoom } from '../../domain/capacity/plan';
import type { CapacityQuestion } from '../../domain/capacity/question';
import { instancesWithin, type Room, roomOf } from '../../domain/capacity/room';
import { ASSUMED_SPEED, type Speed } from '../../domain/capacity/speed';
import type { PriceList } from '../../domain/cost/prices';
import { Failure } from '../../domain/failure';
import type { ReleaseContext } from '../../release/ports/context';
import { compareRegions } from '../regionChoice';
import { readRoom } from './readRoom';
import { readSpeed } from './readSpeed';

/** Without these nobody can be asked; the deployment's file answers then. */
const NOBODY_TO_ASK = ['PROJECT_PLACEHOLDER', 'NO_CREDENTIALS'];

interface Known {
  readonly room: Room;
  readonly speed: Speed;
  readonly others?: readonly RegionRoom[];
}

/** What a deadline takes: instances, quota, money, and where. Changes nothing. @throws Failure as `capacityPlan`. */
export async function capacity(
  context: ReleaseContext,
  question: CapacityQuestion,
  prices: PriceList,
): Promise<CapacityPlan> {
  const known = await knownOf(context);
  return capacityPlan(context.deployment, question, { ...known, prices });
}

async function knownOf(context: ReleaseContext): Promise<Known> {
  const { deployment, progress } = context;
  try {
    const [room, speed, others] = [
      await readRoom(context),
      await readSpeed(context),
      await otherRegions(context),
    ];
    return { room, speed, others };
  } catch (error) {
    if (!(error instanceof Failure && NOBODY_TO_ASK.includes(error.code))) throw error;
    progress(
      `${error.code}: the quota is that of deployments/${deployment.name}.yaml, other regions are not known`,
    );
    const room = roomOf([], deployment.quota, `deployments/${deployment.name}.yaml`);
    return { room, speed: ASSUMED_SPEED };
  }
}

/** Instances that fit in each of the GPU's other regions, those with the most first. */
async function otherRegions(context: ReleaseContext): Promise<RegionRoom[]> {
  const { size } = context.deployment;
  const none = { gpus: 0, vcpu: 0, memoryGib: 0 };
  return (await compareRegions(context))
    .filter(({ isOwn }) => !isOwn)
    .map(({ region, findings }) => ({
      region,
      instances: instancesWithin(roomOf(findings, none, region), size),
    }))
    .filter(({ instances }) => instances > 0)
    .sort((one, other) => other.instances - one.instances);
}
