import { adoptedText, stepsText } from '../../bin/platformCommands';

describe('stepsText', () => {
  const step = {
    number: 2,
    id: 'foundation',
    does: 'applies it',
    why: 'the rest stands on it',
    byHand: ['do this'],
  } as const;

  it('shows a step with its commands; whether it is done only where that was asked', () => {
    expect(stepsText('x', [step])).toContain(
      '2. foundation: applies it; the rest stands on it\n     do this\n',
    );
    expect(stepsText('x', [{ ...step, done: true }])).toContain('2. foundation (done): ');
    expect(stepsText('x', [{ ...step, done: false }])).toContain('2. foundation (to do): ');
  });

  it('ends with the command that runs the next one', () => {
    expect(stepsText('x', [step]).split('\n').pop()).toMatch(/bin\/lightonocr bootstrap x --run next$/);
  });
});

describe('adoptedText', () => {
  const found = [{ address: 'a.b', id: 'projects/p/b', api: 'iam', path: '/v1/projects/p/b' }] as const;

  it('names the file, and each resource with its name in the cloud; stacks without any are left out', () => {
    const text = adoptedText('x', [
      { kind: 'foundation', file: 'adopt.tf.json', found },
      { kind: 'access', found: [] },
    ]);
    expect(text).toContain('foundation: adopt.tf.json\n     a.b  projects/p/b\n');
    expect(text).not.toContain('access');
    expect(text).toContain('bin/lightonocr bootstrap x --run next');
  });

  it('says so where there is nothing', () => {
    expect(adoptedText('x', [{ kind: 'foundation', found: [] }])).toContain('nothing to adopt');
  });
});
