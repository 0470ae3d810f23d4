/** A finding of checkov that stays, with the reason. */
export interface Exception {
  readonly id: string;
  /** The construct's id in the stack, as checkov names it. */
  readonly resource: RegExp;
  readonly reason: string;
}

/** Anything that checkov finds besides these fails the check; so does an exception that it no longer finds. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    id: 'CKV_GCP_84',
    resource: /^images$/,
    reason:
      "Google's own encryption: with a customer's key, whoever loses or disables it takes every revision's image away.",
  },
  {
    id: 'CKV_GCP_62',
    resource: /^(state|plans|ledger|sources|logs)$/,
    reason:
      'Cloud Audit Logs say who read what; access logs are a second, best-effort record, and a bucket more.',
  },
  {
    id: 'CKV_GCP_78',
    resource: /^(plans|sources|logs)$/,
    reason:
      'Plans and sources are created once and never overwritten, logs only appended to; old versions would outlive their lifecycle.',
  },
];

interface Report {
  readonly results?: {
    readonly failed_checks?: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
      readonly file_path: string;
    }[];
  };
  readonly summary?: { readonly passed?: number };
}

/** What is wrong by checkov's JSON report: findings without an exception, exceptions without a finding, or no report. */
export function checkovProblems(stdout: string, exceptions: readonly Exception[] = EXCEPTIONS): string[] {
  let report: Report;
  try {
    report = JSON.parse(stdout) as Report;
  } catch {
    return [`no report: ${stdout.slice(0, 200) || 'it printed nothing'}`];
  }
  const failed = report.results?.failed_checks;
  if (!failed || !report.summary?.passed) return ['it has looked at no resource'];
  const excused = new Set<Exception>();
  const problems = failed.flatMap(({ check_id, check_name, resource, file_path }) => {
    const name = resource.slice(resource.lastIndexOf('.') + 1);
    const exception = exceptions.find((each) => each.id === check_id && each.resource.test(name));
    if (exception) excused.add(exception);
    return exception ? [] : [`${check_id} at ${file_path} ${resource}: ${check_name}`];
  });
  const stale = exceptions.filter((exception) => !excused.has(exception));
  return [...problems, ...stale.map(({ id }) => `${id} is excepted, and nothing breaks it any more`)];
}
