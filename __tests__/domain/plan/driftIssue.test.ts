import { driftIssue } from '../../../domain/plan/driftIssue';

describe('driftIssue', () => {
  test('has no body when there is no drift: the issue may be closed', () => {
    expect(driftIssue('production', { findings: [], reviews: [] })).toEqual({
      marker: '<!-- lightonocr drift production -->',
      title: 'Drift in production',
    });
  });
  test('says nothing when nothing was found and the service was not looked at: what was found before may still be there', () => {
    const busy = { findings: [], reviews: [], skipped: 'run-1 is at work' };
    expect(driftIssue('production', busy)).toBeUndefined();
    expect(driftIssue('production', { ...busy, findings: ['access: update x'] })!.body).toContain(
      'Not everything was looked at: run-1 is at work.',
    );
  });
  test('names each finding, within what an issue holds', () => {
    const { body, marker } = driftIssue('production', {
      findings: Array.from({ length: 500 }, (_, i) => `f${i} ${'x'.repeat(500)}`),
      reviews: [],
    })!;
    expect(marker).toBe('<!-- lightonocr drift production -->');
    expect(body).toContain('and 480 more');
    expect(Buffer.byteLength(body!)).toBeLessThan(65_536);
  });
});
