import type { Case } from './symptoms';

/** There is no service, or somebody scaled it to 0. */
export const stopped: Case = ({ deployment, service }) => {
  const { name, region } = deployment;
  if (!service) {
    return [
      {
        id: 'no-service',
        what: `There is no service ${deployment.service} in ${region}.`,
        certainty: 'named',
        because: 'Cloud Run answers 404.',
        evidence: [{ where: `${deployment.project}, ${region}`, text: `${deployment.service}: not found` }],
        remedies: [{ does: 'make it', command: `bin/lightonocr bootstrap ${name}` }],
      },
    ];
  }
  if (!service.stopped) return [];
  return [
    {
      id: 'stopped',
      what: 'The service is stopped: it is scaled to 0 instances by hand, and answers nobody.',
      certainty: 'named',
      because: 'its scaling mode is manual, with 0 instances.',
      evidence: [{ where: 'the service', text: 'scaling: manual, 0 instances' }],
      remedies: [
        {
          does: 'start it again, when whoever stopped it agrees',
          command: `bin/lightonocr scale ${name} restore`,
        },
      ],
    },
  ];
};

/** The newest revision was taken out and may not come back: merges of it are refused, and traffic stays where it is. */
export const held: Case = ({ deployment, revisions, holds }) =>
  revisions.flatMap((revision) => {
    const hold = holds.find((each) => each.revision === revision.name);
    if (!hold || revision.percent > 0) return [];
    return [
      {
        id: 'held',
        what: `${revision.name} is held: it was taken out, and a release of the same image or settings is refused.`,
        certainty: 'named',
        because: 'the ledger says so.',
        revision: revision.name,
        evidence: [{ at: hold.at, where: 'the ledger', text: `${hold.by}: ${hold.reason}` }],
        remedies: [
          {
            does: 'release something else; that is what a hold is for',
            command: `bin/lightonocr status ${deployment.name}`,
          },
          {
            does: 'or, when it was held by mistake, move traffic to it: that lifts the hold',
            command: `bin/lightonocr rollback ${deployment.name} --to ${revision.name} --reason "held by mistake"`,
          },
        ],
      },
    ];
  });
