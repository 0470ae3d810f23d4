import { BOOTSTRAP_STEPS, bootstrapSteps } from '../../../domain/foundation/bootstrap';
import { loadDeployment } from '../../../deployments/load';

describe('bootstrapSteps', () => {
  const production = loadDeployment('production');
  const commands = (deployment = production) =>
    bootstrapSteps(deployment, '.lightonocr/x').flatMap(({ byHand }) => byHand);

  it('starts the Foundation on a local backend and moves its state before anything else needs the bucket', () => {
    const ids = bootstrapSteps(production, '.').map(({ id }) => id);
    expect(ids).toEqual([...BOOTSTRAP_STEPS]);
    const all = commands();
    const at = (part: string) => all.findIndex((command) => command.includes(part));
    expect(at('echo')).toBeGreaterThan(at('npm run synth'));
    expect(at('foundation init')).toBeGreaterThan(at('echo'));
    expect(at('rm .lightonocr/x/stacks/production-foundation')).toBeGreaterThan(at('foundation apply'));
    expect(at('init -migrate-state')).toBeGreaterThan(at('rm '));
    expect(at('bin/lightonocr plan')).toBeGreaterThan(at('init -migrate-state'));
  });

  it('has nothing to move where the states are local', () => {
    const local = commands({ ...production, state: { backend: 'local', path: 'state' } });
    expect(local.filter((command) => /migrate|echo|^rm /.test(command))).toEqual([]);
    expect(local.length).toBeLessThan(commands().length);
  });

  it('leaves no value to fill in but those that a command prints', () => {
    const holes = commands().flatMap((command) => command.match(/\b[A-Z]{4,}\b(?!=)/g) ?? []);
    expect(new Set(holes)).toEqual(new Set(['HEAD', 'PLAN', 'FINGERPRINT']));
    expect(commands().join('\n')).toContain('--project my-project');
  });
});
