import {
  describeShares,
  describeTraffic,
  servesAsIntended,
  sharesOf,
  type TrafficTarget,
} from '../releases/traffic';
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
  const [other] = serving.filter(({ name }) => name !== meant).sort((a, b) => b.percent - a.percent);
  const isBroken = found.some(({ revision }) => revision === meant);
  const putBack = all(meant, `all traffic to ${meant}, as it was meant`, 'put back what was meant to serve');
  const remedies = [
    putBack,
    ...(other ? [all(other.name, `or ${other.name} is meant now: say so`, 'moved on purpose')] : []),
  ];
  return [
    {
      id: 'traffic-moved',
      what: wordsOf(service.trafficStatuses, meant),
      certainty: 'named',
      revision: other?.name ?? meant,
      because: `the ledger says what is meant, and no release is at work${isBroken ? '; that revision has troubles of its own, so look at those before traffic goes back to it' : ''}.`,
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

/** Where it is comes first: that is what callers get. */
function wordsOf(traffic: readonly TrafficTarget[], meant: string): string {
  const [only, ...more] = sharesOf(traffic).keys();
  if (only === undefined || more.length > 0) {
    return `Traffic is on ${describeShares(traffic)}; ${meant} alone is meant to serve.`;
  }
  if (only !== meant) return `All traffic is on ${only}; ${meant} is meant to serve.`;
  return `All traffic is on ${only} because it is the newest revision, and not by its name: the next one that is made takes it over.`;
}
