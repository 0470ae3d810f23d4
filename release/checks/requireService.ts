import { noService } from '../../domain/releases/next/failures';
import type { Service } from '../adapters/google/cloudRun';
import { placeOf } from '../driver/lease';
import type { ReleaseContext } from '../ports/context';

/** The service. Failure `NO_SERVICE` (3) where there is none. */
export async function requireService(context: ReleaseContext): Promise<Service> {
  const service = await context.cloudRun.service();
  if (service) return service;
  throw noService(placeOf(context));
}
