import { Failure } from '../../domain/failure';
import { jobSummary } from '../../domain/jobSummary';
import { DEPLOYMENT } from '../constructs/deployment';

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
  test('shows no green check for a look that could look at nothing', () => {
    const text = jobSummary({ ...base, command: 'drift', text: 'not looked at: a release', unsure: true });
    expect(text).toMatch(/^## ⚠️ drift /);
  });
  test.each([
    ['build b-1', '/cloud-build/builds;region=us-central1/b-1?'],
    ['revision r-1', 'revision_name%3D%22r-1%22'],
  ])('links to where it failed: %s', (where, link) => {
    const details = { code: 'X', message: 'm', where, remedy: 'r', exitCode: 1 } as const;
    expect(jobSummary({ ...base, failure: new Failure(details) })).toContain(link);
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
