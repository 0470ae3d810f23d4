import { type Room, roomOf } from '../../domain/capacity/room';
import { readQuota } from '../../release/adapters/google/quota';
import type { ReleaseContext } from '../../release/ports/context';

/** The quota that is there; the deployment's own numbers stand for what Google does not say. */
export async function readRoom(context: Pick<ReleaseContext, 'call' | 'deployment'>): Promise<Room> {
  const { deployment } = context;
  return roomOf(await readQuota(context), deployment.quota, `deployments/${deployment.name}.yaml`);
}
