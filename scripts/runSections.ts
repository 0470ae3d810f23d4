/** A section of `npm run bench`. */
export interface Section {
  /** One line: what is measured, beside what. */
  readonly title: string;
  /** Prints its numbers and returns what misses its limit. */
  run(print: (line: string) => void): Promise<readonly string[]>;
}

/** Runs sections one after the other, ends with `bench: N passed, N failed` and returns the exit code. */
export async function runSections(
  sections: Readonly<Record<string, Section>>,
  print: (line: string) => void,
): Promise<0 | 1> {
  let failed = 0;
  for (const [name, section] of Object.entries(sections)) {
    print(`${name}: ${section.title}`);
    const misses = await section.run((line) => print(`  ${line}`));
    for (const miss of misses) print(`  MISSED: ${miss}`);
    if (misses.length > 0) failed++;
  }
  print(`bench: ${Object.keys(sections).length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}
