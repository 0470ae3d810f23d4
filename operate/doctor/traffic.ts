import { entryOf, activeLease, type Ledger } from '../../domain/releases/ledger';
import { restoreLedger } from '../../domain/releases/projectState';
import { SHA_LABEL } from '../../domain/template';
import { describeTraffic, followsLatest, sharesOf } from '../../domain/releases/traffic';
import { activeRelease } from '../../domain/releases/activeRelease';
import { intendedRevision } from '../../release/driver/desiredRevision';
import type { LiveService } from '../liveService';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';

/** Who is meant to serve, who serves, and whether somebody is at work on it. */
export const traffic: Check = {
  id: 'traffic',
  about: "traffic against the ledger's intent",
  run: (patient) =>
    lookAt(patient, 'traffic', async () => {
      const { look, context } = patient;
      const { name } = context.deployment;
      const [live, ledger] = await Promise.all([look.service(), look.ledger()]);
      if (live === undefined)
        return seen(await look.missing(), 'traffic', 'there is no service', await look.mend('service'));
      if (ledger === undefined && live.serving.some(({ labels }) => labels[SHA_LABEL] !== undefined))
        return seen(
          'wrong',
          'ledger',
          'there is none, and this project made what serves: it was deleted, or nobody released after `manual`',
          restoreLedger(context.ledger.url),
        );
      if (ledger === undefined)
        return seen(
          'wrong',
          'ledger',
          'there is none: this service was made by hand, and nothing says what is meant to serve',
          await look.mend('service'),
        );
      const meant = ledger.intent?.revision;
      if ((await intendedRevision(context, live, ledger)) === undefined)
        return seen(
          'not yet',
          'traffic',
          meant === undefined
            ? 'nothing has been released'
            : `nothing has been released since ${meant}, which was meant to serve and is gone`,
          `bin/lightonocr release ${name} --sha HEAD`,
        );
      return [shares(patient, live, ledger), ...leftBehind(patient, ledger)];
    }),
};

function shares({ context }: Patient, live: LiveService, ledger: Ledger): Seen {
  const { deployment, clock } = context;
  const { intent } = ledger;
  const lease = activeLease(ledger, clock.now());
  const wanted = intent!.revision;
  const seenTraffic = describeTraffic(live.trafficStatuses);
  const put = `bin/lightonocr rollback ${deployment.name} --to ${wanted} --reason "put back what was meant"`;
  if (lease && sharesOf(live.trafficStatuses).get(wanted) !== 100)
    return seen(
      'not yet',
      'traffic',
      `${seenTraffic}; ${lease.holder} is at work until ${lease.expiresAt}`,
      `bin/lightonocr status ${deployment.name}`,
    );
  if (sharesOf(live.trafficStatuses).get(wanted) !== 100)
    return seen('wrong', 'traffic', `${seenTraffic}, and ${wanted} is meant to serve`, put);
  if (followsLatest(live.traffic))
    return seen(
      'wrong',
      'traffic',
      'follows whatever revision is newest: the next one would get all of it',
      put,
    );
  return ok('traffic', `${wanted} has 100 %, as ${intent!.by} meant (${intent!.reason})`);
}

function leftBehind({ context }: Patient, ledger: Ledger): Seen[] {
  const { deployment, clock } = context;
  const { intent } = ledger;
  if (activeLease(ledger, clock.now())) return [];
  const dead = activeRelease(ledger);
  const unsettled =
    intent !== undefined && intent.settledAt === undefined && entryOf(ledger, intent.revision);
  if (!dead && !unsettled) return [];
  const saw = dead
    ? `${dead.revision} stopped at ${dead.state}, and nobody is at work on it`
    : `the move to ${intent!.revision} was begun and not ended`;
  return [seen('wrong', 'release', saw, `bin/lightonocr reconcile ${deployment.name}`)];
}
