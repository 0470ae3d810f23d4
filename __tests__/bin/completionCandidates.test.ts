import { program } from '../../bin/cli';
import { candidates } from '../../bin/completionCandidates';

const sources = {
  deployments: () => Promise.resolve(['production', 'staging']),
  revisions: (deployment: string) => Promise.resolve([`${deployment}-a`, `${deployment}-b`]),
};
const of = (line: string) => candidates(program(), line.split(' '), sources);

describe('candidates', () => {
  test.each([
    ['sta', ['status']],
    ['re', ['release', 'reconcile', 'review', 'restart', 'revisions', 'report']],
    ['compl', ['completion']],
    ['status ', ['production', 'staging']],
    ['status sta', ['staging']],
    ['status production --js', ['--json']],
    ['doctor production --as dep', ['deployer']],
    ['rollback production --to ', ['production-a', 'production-b']],
    ['logs --since 1h staging --revision staging-b', ['staging-b']],
    ['review plan.json --deployment p', ['production']],
    ['completion f', ['fish']],
    ['deploy production', []],
    ['status production more', []],
  ])('of %j are %j', async (line, expected) => {
    expect((await of(line)).sort()).toEqual([...expected].sort());
  });

  test('leave out an option that is there already', async () => {
    expect(await of('status production --json --js')).toEqual([]);
  });

  test('are every command but the hidden one for an empty line', async () => {
    const names = await of('');
    expect(names).toEqual(expect.arrayContaining(['init', 'rollback', 'ocr']));
    expect(names).not.toContain('complete');
  });
});
