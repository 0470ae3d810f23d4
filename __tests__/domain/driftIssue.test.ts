import { driftIssue } from '../../domain/driftIssue';

describe('driftIssue', () => {
  test('has no body when there is no drift: the issue may be closed', () => {
    expect(driftIssue('production', { findings: [], reviews: [] })).not.toHaveProperty('body');
  });
  test('names each finding, within what an issue holds', () => {
    const { body, marker } = driftIssue('production', {
      findings: Array.from({ length: 500 }, (_, i) => `f${i} ${'x'.repeat(500)}`),
      reviews: [],
    });
    expect(marker).toBe('<!-- lightonocr drift production -->');
    expect(body).toContain('and 480 more');
    expect(Buffer.byteLength(body!)).toBeLessThan(65_536);
  });
});
