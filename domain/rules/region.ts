import { GPU_KINDS } from '../gpus';
import { type Rule, when } from './rule';

/** The region has GPUs of the kind. */
export const regionRule: Rule = ({ region, size }) => {
  const { id, name, regions, regionsAsOf } = GPU_KINDS[size.gpu];
  const known = regions.find((entry) => entry.region === region);
  return [
    ...when(known === undefined, {
      code: id === 'nvidia-l4' ? 'REGION_WITHOUT_L4' : 'REGION_WITHOUT_GPU',
      key: 'region',
      got: region,
      reason: `Cloud Run has no ${name} there (as of ${regionsAsOf}).`,
      remedy: `Choose one of ${regions.map((entry) => entry.region).join(', ')}; a newer region goes into domain/gpus/.`,
    }),
    ...when(known?.byInvitation === true, {
      code: 'REGION_BY_INVITATION',
      key: 'region',
      got: region,
      reason: `Google gives ${name} there by invitation only (as of ${regionsAsOf}); the apply fails without one.`,
      remedy: 'Ask your Google contact, or choose another region.',
      severity: 'warning',
    }),
  ];
};
