/** Severities of Artifact Analysis, gravest first; `SEVERITY_UNSPECIFIED` is the sum of them all. */
const VULNERABILITY_SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'MINIMAL'] as const;
export type VulnerabilitySeverity = (typeof VULNERABILITY_SEVERITIES)[number];

export interface VulnerabilityCount {
  readonly severity: VulnerabilitySeverity;
  readonly total: number;
  /** Of them, those that a newer package mends. */
  readonly fixable: number;
}

/** What is known of an image's vulnerabilities. Only `scanned` without counts means that there is none known. */
export type Vulnerabilities =
  | {
      readonly state: 'scanned';
      /** ISO 8601: of the newest scan. */
      readonly at?: string;
      /** False: Artifact Analysis has stopped to look, which it does 30 days after the image was last pulled. */
      readonly kept: boolean;
      /** Gravest first, zeroes left out. */
      readonly counts: readonly VulnerabilityCount[];
    }
  | { readonly state: 'scanning' | 'not scanned' | 'not known'; readonly why: string };

/** Whether the model is in the image, by the record of the build that made it. */
export type ModelRecord =
  | {
      readonly state: 'inside';
      readonly id: string;
      /** Commit of the model's repository. */
      readonly revision: string;
      /** `423 tensors, 1.87 GiB`, as the build's check counted. */
      readonly weights: string;
      readonly build: string;
      /** What the deployment asks for, where that is something else. */
      readonly wanted?: string;
    }
  | { readonly state: 'not known'; readonly why: string; readonly build?: string };

/** An image that serves, or would. */
export interface ImageRecord {
  /** Short name. */
  readonly revision: string;
  /** Percent of the traffic that is served. */
  readonly percent: number;
  /** As the revision names it. */
  readonly image: string;
  /** Absent for an image that was deployed by tag: what the tag named then is not known. */
  readonly digest?: string;
  /** Full git SHA. */
  readonly sha?: string;
  /** In the registry; `not known` when it could not be asked. */
  readonly registry:
    | {
        readonly state: 'there';
        readonly tags: readonly string[];
        readonly sizeBytes?: number;
        /** ISO 8601: when it was pushed. */
        readonly pushedAt?: string;
      }
    | { readonly state: 'gone' | 'not known'; readonly why: string };
  readonly vulnerabilities: Vulnerabilities;
  readonly model: ModelRecord;
}

/** google.devtools.containeranalysis.v1: a scan of an image. */
export interface Discovery {
  readonly analysisStatus?: string;
  readonly analysisStatusError?: { readonly message?: string };
  readonly continuousAnalysis?: string;
  readonly lastScanTime?: string;
}

export interface RawCount {
  readonly severity?: string;
  /** int64 as text; absent means 0. */
  readonly fixableCount?: string;
  readonly totalCount?: string;
}

/** Reads a scan and its summary; without a scan nothing is known, whatever the summary says. */
export function readVulnerabilities(
  discovery: Discovery | undefined,
  counts: readonly RawCount[],
): Vulnerabilities {
  if (discovery === undefined) {
    return { state: 'not scanned', why: 'Artifact Analysis has no scan of this image' };
  }
  switch (discovery.analysisStatus) {
    case 'PENDING':
    case 'SCANNING':
      return { state: 'scanning', why: 'the scan has not ended yet' };
    case 'FINISHED_SUCCESS':
    case 'COMPLETE':
      break;
    case undefined:
    default: {
      const reason = discovery.analysisStatusError?.message;
      return {
        state: 'not scanned',
        why: `${discovery.analysisStatus ?? 'no status'}${reason ? `: ${reason}` : ''}`,
      };
    }
  }
  const numbers = VULNERABILITY_SEVERITIES.map((severity): VulnerabilityCount => {
    const own = counts.filter((count) => count.severity === severity);
    const sum = (key: 'totalCount' | 'fixableCount') =>
      own.reduce((total, count) => total + Number(count[key] ?? 0), 0);
    return { severity, total: sum('totalCount'), fixable: sum('fixableCount') };
  });
  return {
    state: 'scanned',
    ...(discovery.lastScanTime !== undefined && { at: discovery.lastScanTime }),
    kept: discovery.continuousAnalysis !== 'INACTIVE',
    counts: numbers.filter(({ total }) => total > 0),
  };
}

/** A build that has ended well and made the image, with its log as far as that could be read. */
export interface ImageBuild {
  readonly id: string;
  readonly substitutions?: Readonly<Record<string, string>>;
  readonly log: string | undefined;
}

/** The line of gpu-container/check_model.py, which fails the build where the model is not whole. */
const WHOLE = /(\S+\/\S+) at ([0-9a-f]{40}) is whole: (\d+ tensors, [\d.]+ GiB)/g;

/**
 * Whether the model is inside, by the build's own record: its substitutions say which model it was to take, its log that the
 * check found it whole. One without the other is no evidence: a substitution is a wish.
 */
export function readModel(
  build: ImageBuild | undefined,
  wanted: { readonly id: string; readonly revision?: string },
): ModelRecord {
  if (build === undefined) return { state: 'not known', why: 'no build record' };
  const { id, substitutions = {}, log } = build;
  const asked = `${substitutions._MODEL_ID ?? 'no model'} at ${substitutions._MODEL_REVISION || 'the newest revision'}`;
  if (log === undefined) {
    return {
      state: 'not known',
      build: id,
      why: `its build was to take ${asked}, and its log cannot be read`,
    };
  }
  const [, model, revision, weights] = [...log.matchAll(WHOLE)].at(-1) ?? [];
  if (model === undefined || revision === undefined || weights === undefined) {
    return {
      state: 'not known',
      build: id,
      why: `its build was to take ${asked}, and its log has no check of it`,
    };
  }
  const isWanted = model === wanted.id && (wanted.revision === undefined || wanted.revision === revision);
  const { id: name, revision: pin } = wanted;
  return {
    state: 'inside',
    id: model,
    revision,
    weights,
    build: id,
    ...(!isWanted && { wanted: pin === undefined ? name : `${name} at ${pin}` }),
  };
}
