import { L4_REGIONS, L4_REGIONS_AS_OF } from '../regions';
import { type Rule, when } from './rule';

/** The region has L4 GPUs. */
export const regionRule: Rule = ({ region }) => {
  const known = L4_REGIONS.find((entry) => entry.region === region);
  return [
    ...when(known === undefined, {
      code: 'REGION_WITHOUT_L4',
      key: 'region',
      got: region,
      reason: `Cloud Run has no L4 there (as of ${L4_REGIONS_AS_OF}).`,
      remedy: `Choose one of ${L4_REGIONS.map((entry) => entry.region).join(', ')}; a newer region goes into domain/regions.ts.`,
    }),
    ...when(known?.byInvitation === true, {
      code: 'REGION_BY_INVITATION',
      key: 'region',
      got: region,
      reason: `Google gives L4 there by invitation only (as of ${L4_REGIONS_AS_OF}); the apply fails without one.`,
      remedy: 'Ask your Google contact, or choose another region.',
      severity: 'warning',
    }),
  ];
};
