import { revisionName } from '../names';
import { SHA_LABEL, TEMPLATE_LABEL } from '../template';

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
  /** ISO 8601. */
  readonly createdAt?: string;
}

export interface RevisionChoice {
  readonly revision: string;
  /** SHA for the labels: that of the revision's own commit when it is used again. */
  readonly sha: string;
  readonly reused: boolean;
}

/** Which of several revisions alike is meant. */
export interface RevisionWish {
  /** The revision that is meant to serve: of several alike it is the one that is used again. */
  readonly serving?: string;
  /** A new one although there is one alike, under the serving one's commit; or the one that an earlier restart has begun. */
  readonly restart?: { readonly begun?: string };
}

/** Attempts of one SHA with one template that are looked for; Cloud Run keeps 1,000 revisions a service. */
const MAX_ATTEMPTS = 99;

/**
 * Chooses the revision's name before synth. The same image with the same template is the revision that already is (a
 * documentation-only merge makes none); a name whose revision failed is never used again (a failed deploy never turns green).
 * A restart leaves two alike: then the one that is meant to serve is used, so that the next plan is empty.
 */
export function chooseRevision(
  service: string,
  sha: string,
  digest: string,
  templateHash: string,
  existing: readonly RevisionState[],
  { serving, restart }: RevisionWish = {},
): RevisionChoice {
  const alike = existing.filter(
    ({ image, labels }) => image.endsWith(`@${digest}`) && labels[TEMPLATE_LABEL] === templateHash,
  );
  const meant = alike.find(({ name, ready }) => name === serving && ready === 'yes');
  // One that still starts is waited for: it is what an apply left behind that was killed half-way.
  const same = restart
    ? alike.find(({ name, ready }) => name === restart.begun && ready !== 'no')
    : (meant ?? alike.find(({ ready }) => ready === 'yes') ?? alike.find(({ ready }) => ready === 'pending'));
  if (same) return { revision: same.name, sha: same.labels[SHA_LABEL] ?? sha, reused: true };
  const named = (restart && meant?.labels[SHA_LABEL]) ?? sha;
  const names = new Set(existing.map(({ name }) => name));
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const revision = revisionName(service, named, templateHash, attempt);
    if (!names.has(revision)) return { revision, sha: named, reused: false };
  }
  throw new RangeError(`${MAX_ATTEMPTS} revisions of ${sha} with template ${templateHash} have failed.`);
}
