import { Failure } from '../../domain/failure';
import {
  type Need,
  type ObservedService,
  type Part,
  type Snapshot,
  valueOf,
} from '../../domain/releases/next/snapshot';
import { again, type Patience } from '../adapters/again';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';

/** What the reader reads through. */
type ReadPorts = Pick<ReleaseContext, 'deployment' | 'cloudRun' | 'ledger' | 'registry'>;

/** With all that Cloud Run says of the service: more than is decided upon. */
export type LiveSnapshot = Snapshot & { readonly service: Part<Service> };

/** What one turn has read, with what the next write of the ledger has to name. */
export interface Observed {
  readonly snapshot: LiveSnapshot;
  readonly generation: string;
}

/** The newest service that a process has seen, by the port that it reads through: a command drives more than once. */
const NEWEST = new WeakMap<object, Pick<ObservedService, 'uid' | 'generation'>>();

/** Reads the world for one process. */
export interface Observer {
  /** @param known what this turn has read already: only what is missing of it is read, and writes carry its versions. */
  read(need: Need, known?: Observed): Promise<Observed>;
  /** Told of each write that was answered: a service without it is older than that. */
  wrote(generation: string | undefined): void;
}

/**
 * Reads the service, then the ledger, then what was asked for beside them. A service that is older than one that this process
 * has seen counts as not read.
 */
export function observer(context: ReadPorts): Observer {
  const { cloudRun, ledger, registry } = context;
  const service = async () => {
    const found = await cloudRun.service();
    if (found === undefined) return undefined;
    const seen = NEWEST.get(cloudRun);
    if (seen && found.uid === seen.uid && Number(found.generation) < Number(seen.generation))
      throw stale(context, found.generation, seen.generation);
    NEWEST.set(cloudRun, found);
    return found;
  };
  const both = async (): Promise<Observed> => {
    const readService = await part(service);
    let generation = '0';
    const readLedger = await part(async () => {
      const loaded = await ledger.load();
      ({ generation } = loaded);
      return loaded.ledger;
    });
    return { snapshot: { service: readService, ledger: readLedger }, generation };
  };
  const read: Observer['read'] = async ({ revisions, image }, known) => {
    const { snapshot, generation } = known ?? (await both());
    const has = async (digest: string) => ((await registry.has(digest)) ? digest : undefined);
    return {
      generation,
      snapshot: {
        ...snapshot,
        ...(revisions && !snapshot.revisions && { revisions: await part(() => cloudRun.revisions()) }),
        ...(image !== undefined && { image: await part(() => has(image)) }),
      },
    };
  };
  return {
    read,
    wrote(generation) {
      const seen = NEWEST.get(cloudRun);
      if (seen && generation !== undefined) NEWEST.set(cloudRun, { ...seen, generation });
    },
  };
}

/** One look, for commands that only show what there is. */
export const snapshotOf = async (context: ReadPorts, need: Need = {}): Promise<LiveSnapshot> =>
  (await observer(context).read(need)).snapshot;

/** Service and ledger, for what a verb has to know before it drives: a fault that passes is waited for. */
export const readLive = (context: ReadPorts & Patience) =>
  again(context, async () => {
    const snapshot = await snapshotOf(context);
    return { snapshot, service: valueOf(snapshot.service), ledger: valueOf(snapshot.ledger) };
  });

async function part<T>(read: () => Promise<T | undefined>): Promise<Part<T>> {
  try {
    const value = await read();
    return value === undefined ? { is: 'absent' } : { is: 'value', value };
  } catch (error) {
    if (error instanceof Failure) return { is: 'not read', reason: error };
    throw error;
  }
}

const stale = ({ deployment }: ReadPorts, got: string, seen: string): Failure =>
  new Failure({
    code: 'API_STALE',
    message: 'Cloud Run answered with an older service than before.',
    where: `service ${deployment.service}`,
    got: `generation ${got}, after ${seen}`,
    remedy: 'run the same command again; it goes on where it stopped',
    exitCode: 3,
  });
