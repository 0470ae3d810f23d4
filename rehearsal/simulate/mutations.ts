import { Failure } from '../../domain/failure';
import type { AfterApply } from '../../domain/plan/guard';
import type { Ledger } from '../../domain/releases/ledger';
import type { Action } from '../../domain/releases/next/action';
import { next } from '../../domain/releases/next/next';
import type { ReleaseContext } from '../../release/ports/context';
import type { Mutation, World } from './state';

type CloudRun = ReleaseContext['cloudRun'];

const onCloudRun = (change: (cloudRun: CloudRun, world: World) => Partial<CloudRun>) => {
  return (context: ReleaseContext, world: World): ReleaseContext => ({
    ...context,
    cloudRun: { ...context.cloudRun, ...change(context.cloudRun, world) },
  });
};
const onDecision = (
  change: (action: Action, context: ReleaseContext, ...given: Parameters<typeof next>) => Action,
) => {
  return (context: ReleaseContext): ReleaseContext => ({
    ...context,
    decide: (...given) => change(next(...given), context, ...given),
  });
};
const onLedger = (change: (ledger: Ledger, context: ReleaseContext) => Ledger) => {
  return (context: ReleaseContext): ReleaseContext => {
    const { ledger } = context;
    const load = async () => {
      const loaded = await ledger.load();
      return { ...loaded, ledger: loaded.ledger && change(loaded.ledger, context) };
    };
    return { ...context, ledger: { ...ledger, load } };
  };
};

/** By name, as `--without` takes them and `--list` prints them. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'open-decision': {
    without: 'a bare rollback finishes the decision that is not proven',
    context: onLedger((ledger) => {
      if (!ledger.intent?.open || !ledger.intent.settledAt) return ledger;
      const { open: _open, ...intent } = ledger.intent;
      return { ...ledger, intent };
    }),
  },
  retry: {
    without: 'a fault that passes is waited for',
    context: onDecision((action, _context, run) =>
      action.do === 'pause' && run.fault ? { do: 'fail', failure: run.fault } : action,
    ),
  },
  schema: {
    without: 'an answer that is not the thing is no answer',
    context: onCloudRun(({ service }) => ({
      service: () =>
        service().catch((error: unknown) => {
          if (!(error instanceof Failure) || error.code !== 'API_MALFORMED') throw error;
          const nothing = {
            uri: '',
            etag: '',
            generation: '',
            reconciling: false,
            traffic: [],
            trafficStatuses: [],
          };
          return { ...nothing, scaling: {} };
        }),
    })),
  },
  'old-read': {
    without: 'a read that is older than our last write is no read, and an end is written to the service too',
    context: onCloudRun(({ service, writeTraffic }, world) => {
      let read = '';
      return {
        // Without a uid no two reads are of one service.
        service: async () => {
          const found = await service();
          read = JSON.stringify(found?.traffic);
          return found && { ...found, uid: `${world.calls}` };
        },
        writeTraffic: async (traffic, etag) =>
          JSON.stringify(traffic) === read ? {} : writeTraffic(traffic, etag),
      };
    }),
  },
  'etag-first': {
    without: 'a write carries the etag that was read before the decision',
    context: onCloudRun(({ writeTraffic }, world) => ({
      writeTraffic: (traffic) => writeTraffic(traffic, world.cloud.service().etag),
    })),
  },
  diagnostics: {
    without: 'a diagnosis that cannot be had decides nothing',
    context: onDecision((action, _context, run) =>
      action.do === 'look' && action.operation && run.looks > 3
        ? {
            do: 'fail',
            failure: new Failure({
              ...{ code: 'TRAFFIC_REFUSED', message: 'the operation answered 404', where: 'operation' },
              ...{ remedy: 'none', exitCode: 3 },
            }),
          }
        : action,
    ),
  },
  'server-time': { without: "leases go by the servers' clock", rawClock: true },
  'own-writes': {
    without: "a rollback's warm-up tag and Terraform's own retry are known as ours",
    context: (context) => ({
      ...context,
      defences: {
        ...context.defences,
        guard: {
          ...context.defences.guard,
          applyDrift: (apply: AfterApply) => {
            const writes = Number(apply.live.generation) - Number(apply.before.generation);
            return writes > (apply.wrote ? 1 : 0) ? [`written ${writes} times`] : [];
          },
        },
      },
    }),
  },
  'unreadable-ledger': {
    without: 'rollback --to names the one command that moves traffic without the ledger',
    context: onDecision((action) =>
      action.do === 'fail'
        ? { do: 'fail', failure: Object.assign(action.failure, { remedy: 'run the same command again' }) }
        : action,
    ),
  },
  'world-faults': {
    without: 'what the world does wrong is a failure with a remedy',
    context: onDecision((action) => {
      if (action.do === 'fail' && action.failure.code.startsWith('API_'))
        throw new TypeError('undefined is no object');
      return action;
    }),
  },
  epoch: {
    without: 'a release stops where somebody has decided since',
    context: onDecision((action, _context, run, seen, ...rest) => {
      const isLost =
        action.do === 'fail' && run.lease && ['SUPERSEDED', 'RELEASE_PUT_BACK'].includes(action.failure.code);
      if (!isLost || seen.ledger.is !== 'value') return action;
      const { epoch, holder } = run.lease;
      const value = { ...seen.ledger.value, epoch, lease: { ...run.lease, holder } };
      return next(run, { ...seen, ledger: { is: 'value', value } }, ...rest);
    }),
  },
  'ledger-precondition': {
    without: 'the ledger is written only as it was read',
    context: (context, world) => {
      const { ledger } = context;
      return {
        ...context,
        ledger: { ...ledger, write: (changed) => ledger.write(changed, world.cloud.ledger().generation) },
      };
    },
  },
  'read-back': {
    without: 'traffic counts as moved once the service serves it',
    context: onCloudRun(({ service }) => ({
      service: async () => {
        const found = await service();
        const uri = (tag: string | undefined) => (tag ? { uri: `https://${tag}---model` } : {});
        const trafficStatuses = found?.traffic.map((target) => ({ ...target, ...uri(target.tag) })) ?? [];
        return found && { ...found, trafficStatuses, reconciling: false };
      },
    })),
  },
  'ready-target': {
    without: 'a rollback goes only to a revision that is Ready',
    context: onCloudRun(({ revisions }) => ({
      revisions: async () => (await revisions()).map((revision) => ({ ...revision, ready: 'yes' as const })),
    })),
  },
  block: {
    without: 'what was rolled back does not come in again',
    context: (context) => ({ ...context, defences: { ...context.defences, blockOn: () => undefined } }),
  },
  verdict: {
    without: 'a candidate that the numbers condemn goes back',
    context: (context) => ({
      ...context,
      effects: { ...context.effects!, bake: async () => ({ state: 'healthy', reasons: [] }) },
    }),
  },
  'tidy-tags': {
    without: 'reconcile takes away tags that nobody needs',
    context: (context, world) =>
      context.actor.by.startsWith('schedule')
        ? onCloudRun(({ service }) => ({
            service: async () => {
              const found = await service();
              return found && { ...found, traffic: found.traffic.filter(({ percent }) => percent) };
            },
          }))(context, world)
        : context,
  },
  'finish-moves': {
    without: 'reconcile finishes what a killed command has begun',
    context: (context) =>
      context.actor.by.startsWith('schedule')
        ? onDecision((action) =>
            action.do === 'move' ? { do: 'finish', result: { action: 'nothing' } } : action,
          )(context)
        : context,
  },
  'exit-code': {
    without: 'a command ends with 0 only once its goal is read back',
    context: onDecision((action, _context, run) =>
      action.do === 'look' && run.facts.decided
        ? { do: 'finish', result: { from: [], to: run.facts.decided.target } }
        : action,
    ),
  },
  'whole-percents': {
    without: 'traffic adds up to 100',
    context: onCloudRun(({ writeTraffic }) => ({
      writeTraffic: (traffic, etag) =>
        writeTraffic(
          traffic.map((target) => (target.percent === 10 ? { ...target, percent: 20 } : target)),
          etag,
        ),
    })),
  },
};
