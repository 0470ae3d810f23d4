import { callerNeeds, CALLERS, missingOf, permissionsOf } from '../../../domain/identity/callerNeeds';
import { identities } from '../../../domain/identity/identities';
import { scopeName } from '../../../domain/identity/identities';
import { loadDeployment } from '../../../deployments/load';

const deployment = loadDeployment('rehearsal');

describe('callerNeeds', () => {
  it.each(CALLERS.filter((caller) => caller !== 'person'))(
    '%s needs what its grants give, and no more',
    (caller) => {
      const { grants } = identities(deployment).find(({ name }) => name === caller)!;
      const flat = (pairs: readonly [string, readonly string[]][]) =>
        [...new Set(pairs.flatMap(([on, permissions]) => permissions.map((each) => `${on} ${each}`)))].sort();
      const needed = callerNeeds(deployment, caller).map(
        ({ on, only, permissions }): [string, readonly string[]] => [
          scopeName(on) + (only ?? ''),
          permissions,
        ],
      );
      const granted = grants.map(({ on, only, role }): [string, readonly string[]] => [
        scopeName(on) + (only?.title ?? ''),
        permissionsOf(role),
      ]);
      expect(flat(needed)).toEqual(flat(granted));
      expect(flat(needed).length).toBeGreaterThan(0);
    },
  );

  it('asks each place once, conditions and what is for being on call apart', () => {
    for (const caller of CALLERS) {
      const places = callerNeeds(deployment, caller).map(
        ({ on, only, to }) => `${scopeName(on)} ${only ?? ''} ${to ?? ''}`,
      );
      expect(new Set(places).size).toBe(places.length);
    }
  });

  it('a person needs what the workflows do between a merge and its release', () => {
    const [onProject] = callerNeeds(deployment, 'person');
    const onProjectOf = (name: string) =>
      callerNeeds(deployment, name as never).find(({ on }) => on === 'project')!.permissions;
    expect(onProject!.permissions).toEqual(
      expect.arrayContaining([...onProjectOf('submitter'), ...onProjectOf('deployer')]),
    );
  });

  it('an account that no repository asked for needs nothing', () => {
    expect(callerNeeds({ ...deployment, github: {} }, 'deployer')).toEqual([]);
  });
});

describe('missingOf', () => {
  it('is what was not granted, each once', () => {
    expect(missingOf({ on: 'project', permissions: ['a', 'b', 'b'] }, ['a'])).toEqual(['b']);
  });
});
