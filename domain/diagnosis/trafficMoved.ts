import { describeTraffic, servesAsIntended } from '../releases/traffic';
import type { Case, Remedy } from './symptoms';

/** What serves is not what the ledger means to serve, and no release is at work on it: somebody moved traffic by hand. */
export const trafficMoved: Case = ({ deployment, service, revisions, holds, intent }, found) => {
  if (!service || intent === undefined || servesAsIntended(service, intent.revision)) return [];
  const { revision: meant, by, at, reason } = intent;
  const all = (revision: string, does: string, why: string): Remedy => ({
    does,
    command: `bin/lightonocr rollback ${deployment.name} --to ${revision} --reason "${why}"`,
  });
  const serving = revisions.filter(({ percent }) => percent > 0);
  const other = serving.find(({ name }) => name !== meant);
  const isBroken = found.some(({ revision }) => revision === meant);
  const putBack = all(meant, `all traffic to ${meant}, as it was meant`, 'put back what was meant to serve');
  const remedies = [
    putBack,
    ...(other ? [all(other.name, `or ${other.name} is meant now: say so`, 'moved on purpose')] : []),
  ];
  return [
    {
      id: 'traffic-moved',
      what: `Traffic is not where it was meant to be: all of it on ${meant}, by that name.`,
      certainty: 'named',
      revision: meant,
      because: `the ledger says so, and no release is at work${isBroken ? '; that revision has troubles of its own, so look at those first' : ''}.`,
      evidence: [
        { where: 'the service', text: describeTraffic(service.traffic) },
        { at, where: 'the ledger', text: `${meant}, by ${by}: ${reason}` },
        ...holds
          .filter(({ revision }) => serving.some(({ name }) => name === revision))
          .map((hold) => ({
            at: hold.at,
            where: hold.revision,
            text: `serves and is held, by ${hold.by}: ${hold.reason}`,
          })),
      ],
      remedies: isBroken ? remedies.reverse() : remedies,
    },
  ];
};
