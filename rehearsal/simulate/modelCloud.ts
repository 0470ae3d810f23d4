import type { Ledger } from '../../domain/releases/ledger';
import type { RevisionState } from '../../domain/releases/revisions';
import { LATEST, REVISION, sharesOf, type TrafficTarget } from '../../domain/releases/traffic';
import type { ServiceScaling } from '../../domain/scale/scale';
import type { Service } from '../../release/adapters/google/cloudRun';
import { ApiError } from '../../release/adapters/google/googleApi';
import type { VirtualTime } from '../virtualTime';

/** How long Cloud Run takes to serve what was asked for, in seconds. */
export type SettleSeconds = () => number;

/** What somebody writes of the service; without an etag whatever is there is overwritten. */
export interface ServicePatch {
  readonly traffic?: readonly TrafficTarget[];
  readonly scaling?: ServiceScaling;
  /** A new revision, as Terraform makes one. */
  readonly revision?: RevisionState;
}

/**
 * One Cloud Run service and one ledger, as the engine's ports see them, without HTTP and JSON: `__tests__/rehearsal/simulate`
 * holds it to the local cloud by the same scripts on both.
 */
export interface ModelCloud {
  service(): Service;
  /** The service as it was some writes ago. */
  serviceBefore(writes: number): Service;
  revisions(): readonly RevisionState[];
  patch(patch: ServicePatch, etag: string | undefined): Service;
  ledger(): { readonly ledger: Ledger | undefined; readonly generation: string };
  writeLedger(ledger: Ledger, generation: string): void;
}

export const conflict = (status: 409 | 412) =>
  new ApiError(status, 'somebody else wrote in between', { where: 'model', remedy: 'read again' });

const REMEMBERED = 6;

export function modelCloud(
  time: VirtualTime,
  settleSeconds: SettleSeconds,
  start: { readonly ledger: Ledger; readonly revisions: readonly RevisionState[]; readonly serving: string },
): ModelCloud {
  let { ledger } = start;
  let ledgerGeneration = 1;
  const revisions = [...start.revisions];
  let generation = 1;
  let traffic: readonly TrafficTarget[] = [{ type: REVISION, revision: start.serving, percent: 100 }];
  let statuses: readonly TrafficTarget[] = traffic;
  let scaling: ServiceScaling = {};
  let latestReady = revisions.at(-1)!.name;
  let pending = 0;
  let updatedAt = new Date(time.now()).toISOString();
  let shown: Service | undefined;
  const history: Service[] = [];

  const service = (): Service =>
    (shown ??= {
      uid: 'model',
      uri: 'https://model',
      etag: `"${generation}"`,
      generation: String(generation),
      reconciling: pending > 0,
      traffic,
      trafficStatuses: statuses,
      scaling,
      latestReadyRevision: latestReady,
      latestCreatedRevision: revisions.at(-1)!.name,
      updatedAt,
    });

  const statusOf = ({ type, revision, percent, tag }: TrafficTarget): TrafficTarget => ({
    type: type === LATEST ? LATEST : REVISION,
    revision: revision ?? latestReady,
    ...(percent && { percent }),
    ...(tag && { tag, uri: `https://${tag}---model` }),
  });
  const settle = () => {
    if (--pending > 0) return;
    latestReady = revisions.findLast(({ ready }) => ready === 'yes')?.name ?? latestReady;
    // Cloud Run keeps what is served where what is asked for cannot be.
    const isServable = traffic.every(
      ({ revision }) =>
        revision === undefined || revisions.some(({ name, ready }) => name === revision && ready === 'yes'),
    );
    if (isServable) {
      const all = traffic.map(statusOf);
      // Tag-only entries come first, as Cloud Run may put them.
      statuses = [...all.filter(({ percent }) => !percent), ...all.filter(({ percent }) => percent)];
    }
    shown = undefined;
  };

  return {
    service,
    serviceBefore: (writes) => history.at(-writes) ?? service(),
    revisions: () => revisions,
    patch(patch, etag) {
      const now = service();
      if (etag !== undefined && etag !== now.etag) throw conflict(409);
      const wanted = patch.traffic ?? traffic;
      const unknown = wanted.find(
        ({ revision }) =>
          revision !== undefined &&
          revision !== patch.revision?.name &&
          !revisions.some(({ name }) => name === revision),
      );
      if (unknown)
        throw new ApiError(400, `no revision ${unknown.revision}`, { where: 'model', remedy: 'none' });
      history.push(now);
      if (history.length > REMEMBERED) history.shift();
      if (patch.revision) {
        const at = revisions.findIndex(({ name }) => name === patch.revision!.name);
        if (at < 0) revisions.push(patch.revision);
      }
      traffic = wanted.length > 0 ? wanted : [{ type: LATEST, percent: 100 }];
      scaling = patch.scaling ?? scaling;
      generation++;
      pending++;
      updatedAt = new Date(time.now()).toISOString();
      shown = undefined;
      time.after(settleSeconds(), settle);
      return service();
    },
    ledger: () => ({ ledger, generation: String(ledgerGeneration) }),
    writeLedger(next, named) {
      if (named !== String(ledgerGeneration)) throw conflict(412);
      ledger = next;
      ledgerGeneration++;
    },
  };
}

/** Shares of the traffic that is asked for, LATEST by the revision that it is now. */
export const askedShares = (service: Service): Map<string, number> =>
  sharesOf(
    service.traffic.map((target) => ({
      ...target,
      revision: target.revision ?? service.latestReadyRevision!,
    })),
  );
