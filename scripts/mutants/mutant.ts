/** The program, wrong in one place. */
export interface Mutant {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
  /** Those that should see it. */
  readonly suites: readonly string[];
}

export type Outcome = 'killed' | 'survived' | 'does not apply';

export interface Bench {
  read(file: string): string;
  write(file: string, text: string): void;
  /** Whether these suites pass. */
  pass(suites: readonly string[]): Promise<boolean>;
}

export const mutantName = ({ file, text, replacement }: Mutant): string =>
  `${file}: ${text} → ${replacement}`;

/** Whether the suites see a mutant. The file is as it was before, whatever happens. */
export async function outcomeOf(mutant: Mutant, { read, write, pass }: Bench): Promise<Outcome> {
  const { file, text, replacement, suites } = mutant;
  const source = read(file);
  const [before, after, ...more] = source.split(text);
  if (after === undefined || more.length > 0) return 'does not apply';
  write(file, `${before}${replacement}${after}`);
  try {
    return (await pass(suites)) ? 'survived' : 'killed';
  } finally {
    write(file, source);
  }
}
