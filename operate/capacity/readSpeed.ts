import { z } from 'zod';
import { ASSUMED_SPEED, type Speed } from '../../domain/capacity/speed';
import { bucketName } from '../../domain/names';
import { isStatus } from '../../release/adapters/google/googleApi';
import type { ReleaseContext } from '../../release/ports/context';

const recordSchema = z.object({
  at: z.iso.datetime(),
  pagesPerSecond: z.number().positive(),
  startSeconds: z.number().min(0),
});

/** What was measured of this deployment on its own GPU, where somebody has; else what is assumed. */
export async function readSpeed({
  storage,
  deployment,
  progress,
}: Pick<ReleaseContext, 'storage' | 'deployment' | 'progress'>): Promise<Speed> {
  const bucket = bucketName(deployment, 'ledger');
  const name = `${deployment.name}/probe.json`;
  try {
    const found = await storage.read(bucket, name);
    if (found === undefined) return ASSUMED_SPEED;
    const { at, ...speed } = recordSchema.parse(JSON.parse(found.content.toString('utf8')));
    return { ...speed, source: `measured ${at.slice(0, 10)} (gs://${bucket}/${name})` };
  } catch (error) {
    if (!isStatus(error, 403) && !(error instanceof SyntaxError) && !(error instanceof z.ZodError))
      throw error;
    progress(`gs://${bucket}/${name} cannot be read: the speed is assumed`);
    return ASSUMED_SPEED;
  }
}
