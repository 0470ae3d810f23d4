import { driftIssue } from '../../domain/driftIssue';
import { Failure } from '../../domain/failure';
import { jobSummary } from '../../domain/jobSummary';
import { synthDifference } from '../../domain/synthDifference';
import { trafficChart } from '../../domain/trafficHistory';
import { DEPLOYMENT } from '../constructs/deployment';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const share = (revision: string, percent: number) => ({ revision, percent });

describe('synthDifference', () => {
  const stack = (resource: object) => ({ resource }) as never;
  test('creates, updates, deletes and leaves alone, whatever the order of keys and cdktf’s own notes', () => {
    const base = stack({ t: { same: { a: 1, b: 2, '//': 1 }, changed: { a: 1 }, gone: {} } });
    const head = stack({ t: { same: { b: 2, a: 1, '//': 2 }, changed: { a: 2 }, fresh: { a: 3 } } });
    const found = synthDifference(base, head).resource_changes!.map(({ address, change }) => [
      address,
      ...change.actions,
    ]);
    expect(found).toEqual([
      ['t.changed', 'update'],
      ['t.fresh', 'create'],
      ['t.gone', 'delete'],
      ['t.same', 'no-op'],
    ]);
  });
});

describe('trafficChart', () => {
  test('draws a line a revision over the moments', () => {
    const chart = trafficChart([
      { at: at(0), traffic: [share('a', 100)] },
      { at: at(61), traffic: [share('a', 90), share('b', 10), { revision: 'b', percent: 0, tag: 'c-b' }] },
      { at: at(700), traffic: [share('b', 100)] },
    ])!;
    expect(chart).toContain('x-axis ["0:00", "1:01", "11:40"]');
    expect(chart).toContain('line [100, 90, 0]\n  line [0, 10, 100]');
    expect(chart).toContain('`a`, `b`');
  });
  test('says nothing where nothing moved', () => {
    expect(trafficChart([{ at: at(0), traffic: [] }])).toBeUndefined();
  });
});

describe('jobSummary', () => {
  const base = { command: 'release', deployment: DEPLOYMENT, seconds: 61.4, traffic: [] };
  test('says what was done, with links to revision, logs, build and run', () => {
    const text = jobSummary({
      ...base,
      text: 'served',
      revision: 'r-1',
      build: 'b-1',
      runUrl: 'https://github.com/o/r/actions/runs/1',
    });
    expect(text).toContain('## ✅ release `example` (61 s)\n\nserved');
    for (const part of [
      '/run/detail/us-central1/lightonocr-gpu/revisions?project=example-project',
      'revision_name%3D%22r-1%22',
      '/cloud-build/builds;region=us-central1/b-1?',
      '[run](https://github.com/o/r/actions/runs/1)',
    ])
      expect(text).toContain(part);
  });
  test('says what failed, what the exit code means, and how to mend it, whatever is in the words', () => {
    const failure = new Failure({
      code: 'X',
      message: '```\n# Approved',
      where: 'w',
      remedy: 'mend it',
      exitCode: 4,
    });
    const text = jobSummary({ ...base, failure });
    expect(text).toContain('**X** (exit code 4: superseded)');
    expect(text).toContain('````\nX: ```\n# Approved\n  where:  w\n  remedy: mend it\n````');
  });
});

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
