import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { completionScript } from '../../bin/completionScript';
import { has } from '../shownCommands';

const ROOT = join(__dirname, '../..');

(has('bash') ? describe : describe.skip)('completionScript of bash', () => {
  const complete = (...words: string[]) =>
    execFileSync(
      'bash',
      [
        '-c',
        `${completionScript('bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lightonocr; printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        'bin/lightonocr',
        ...words,
      ],
      { cwd: ROOT, encoding: 'utf8' },
    ).trim();

  test('asks the program as it was typed, for the word that is begun', () => {
    expect(complete('verif')).toBe('verify');
    expect(complete('doctor', 'production', '--as', 'pr-')).toBe('pr-planner');
  });

  test('keeps an empty last word, so that the next one is completed', () => {
    expect(complete('completion', '').split('\n')).toEqual(['bash', 'zsh', 'fish']);
  });
});

describe('completionScript', () => {
  test.each(['bash', 'zsh', 'fish'] as const)('of %s calls the hidden command', (shell) => {
    expect(completionScript(shell)).toContain(' complete -- ');
  });
});
