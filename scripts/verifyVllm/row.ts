/** A line of the table: what real vLLM did, beside what the project takes it to do. */
export interface Row {
  readonly part: string;
  readonly what: string;
  /** Of the stand-in, or of the rule. */
  readonly expected: string;
  readonly real: string;
  readonly agrees: boolean;
}

export const row = (part: string, what: string, expected: unknown, real: unknown): Row => {
  const [ours, theirs] = [expected, real].map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  ) as [string, string];
  return { part, what, expected: ours, real: theirs, agrees: ours === theirs };
};

/** Where not a value but a property is held to. */
export const holds = (part: string, what: string, expected: string, real: string, agrees: boolean): Row => ({
  part,
  what,
  expected,
  real,
  agrees,
});
