/** One thing that had to be so, and what was there. */
export interface Expectation {
  readonly step: number;
  readonly text: string;
  readonly held: boolean;
  readonly got: string;
}

/** Collects what a rehearsal expects; a step stops at its first expectation that does not hold. */
export interface Expectations {
  readonly all: readonly Expectation[];
  /** @throws NotAsExpected */
  expect(step: number, text: string, held: boolean, got: unknown): void;
}

export class NotAsExpected extends Error {
  constructor(readonly expectation: Expectation) {
    super(`step ${expectation.step}: expected that ${expectation.text}; got ${expectation.got}`);
  }
}

export function expectations(): Expectations {
  const all: Expectation[] = [];
  return {
    all,
    expect(step, text, held, got) {
      const expectation = { step, text, held, got: typeof got === 'string' ? got : JSON.stringify(got) };
      all.push(expectation);
      if (!held) throw new NotAsExpected(expectation);
    },
  };
}
