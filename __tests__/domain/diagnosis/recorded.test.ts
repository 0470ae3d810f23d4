import { diagnose } from '../../../domain/diagnosis';
import { line, recorded, revision, symptoms } from './symptoms';

const of = ({ ready, conditions, entries }: (typeof recorded)[number]) =>
  symptoms({
    revisions: [revision({ ready, conditions, percent: ready === 'yes' ? 100 : 0 })],
    lines: entries.map((entry) => line(entry)),
  });

describe('diagnose, on logs of a recorded shape', () => {
  test.each(recorded.map((fixture) => [fixture.file, fixture] as const))('%s', (_file, fixture) => {
    const found = diagnose(of(fixture));
    expect(found.map(({ id }) => id)).toEqual([fixture.case]);
    expect(found[0]!.evidence.map(({ text }) => text)).toContain(fixture.shown);
    expect(found[0]!.remedies.length).toBeGreaterThan(0);
    expect(fixture.source.every((url) => url.startsWith('https://'))).toBe(true);
  });

  test.each(recorded.map((fixture) => [fixture.file, fixture] as const))(
    '%s of another revision is not this one’s',
    (_file, fixture) => {
      const { lines, ...rest } = of({ ...fixture, conditions: [], ready: 'yes' });
      const others = lines.map((entry) => ({ ...entry, revision: 's-other' }));
      expect(diagnose({ ...rest, lines: others })).toEqual([]);
    },
  );

  test('finds nothing where nothing is wrong', () => {
    expect(diagnose(symptoms())).toEqual([]);
  });
});
