import { revisionName } from './names';
import { SHA_LABEL, TEMPLATE_LABEL } from './template';

/** What a release needs to know of a revision in Cloud Run. */
export interface RevisionState {
  /** Short name. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `…@sha256:…`. */
  readonly image: string;
  readonly ready: 'yes' | 'no' | 'pending';
  /** The revision's own words when it is not ready. */
  readonly condition?: string;
}

export interface RevisionChoice {
  readonly revision: string;
  /** SHA for the labels: that of the revision's own commit when it is used again. */
  readonly sha: string;
  readonly reused: boolean;
}

/** Attempts of one SHA with one template that are looked for; Cloud Run keeps 1,000 revisions a service. */
const MAX_ATTEMPTS = 99;

/**
 * Chooses the revision's name before synth. The same image with the same template is the revision that already is (a
 * documentation-only merge makes none); a name whose revision failed is never used again (a failed deploy never turns green).
 */
export function chooseRevision(
  service: string,
  sha: string,
  digest: string,
  templateHash: string,
  existing: readonly RevisionState[],
): RevisionChoice {
  const alike = existing.filter(
    ({ image, labels }) => image.endsWith(`@${digest}`) && labels[TEMPLATE_LABEL] === templateHash,
  );
  // One that still starts is waited for: it is what an apply left behind that was killed half-way.
  const same = alike.find(({ ready }) => ready === 'yes') ?? alike.find(({ ready }) => ready === 'pending');
  if (same) return { revision: same.name, sha: same.labels[SHA_LABEL] ?? sha, reused: true };
  const names = new Set(existing.map(({ name }) => name));
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const revision = revisionName(service, sha, templateHash, attempt);
    if (!names.has(revision)) return { revision, sha, reused: false };
  }
  throw new RangeError(`${MAX_ATTEMPTS} revisions of ${sha} with template ${templateHash} have failed.`);
}
