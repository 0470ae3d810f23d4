import { Argument, type Command } from 'commander';
import { type CompletionShell, COMPLETION_SHELLS, completionScript } from './completionScript';

/** Shell completion: the script that a shell sources, and the hidden command that the script asks. */
export function addCompletionCommands(root: Command): void {
  root
    .command('completion')
    .description('Prints a completion script: commands, options, deployments, revisions and values.')
    .addArgument(new Argument('<shell>', 'whose script').choices(COMPLETION_SHELLS))
    .addHelpText(
      'after',
      '\nExample:\n  $ bin/lightonocr completion bash\n\nFor good: append its output to ~/.bashrc or ~/.zshrc, or write it to ~/.config/fish/completions/lightonocr.fish.',
    )
    .action((shell: CompletionShell) => void process.stdout.write(completionScript(shell)));

  root
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const [{ candidates }, { completionSources }] = await Promise.all([
        import('./completionCandidates'),
        import('./completionSources'),
      ]);
      const found = await candidates(root, words, completionSources());
      process.stdout.write(found.map((candidate) => `${candidate}\n`).join(''));
    });
}
