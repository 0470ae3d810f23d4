/** What Cloud Monitoring says of one revision in one window; undefined values were not reported. */
export interface WindowStats {
  readonly requests: number;
  /** 5xx answers. */
  readonly errors: number;
  /** 429 answers: no instance could be had. */
  readonly throttled: number;
  readonly p95Seconds?: number;
  /** The same by minutes, oldest first; those without an answer are left out. */
  readonly periods: readonly CountedPeriod[];
}

/** Answers in one period of a metric. */
export interface CountedPeriod {
  /** Milliseconds since 1970; the period ends with it. */
  readonly endsAt: number;
  readonly seconds: number;
  /** All answers, 429 among them. */
  readonly requests: number;
  /** Failures of the service (`isServiceFailure`). */
  readonly failed: number;
  /** 429. */
  readonly throttled: number;
}
