import { join } from 'node:path';
import type { Command } from 'commander';

/** Commands that release nothing. */
export function addToolCommands(root: Command): void {
  root
    .command('manual <deployment>')
    .description(
      'Prints the same deployment by hand: docker build, push and gcloud run deploy, ready to paste.',
    )
    .requiredOption('--sha <sha>', 'commit')
    .option('--digest <digest>', 'image, once it is pushed')
    .addHelpText('after', '\nExample:\n  $ bin/lightonocr manual guide --sha HEAD')
    .action(async (name: string, options: { sha: string; digest?: string }) => {
      const [{ loadDeployment }, { manual }, { git }] = await Promise.all([
        import('../deployments/load'),
        import('../release/verbs/manual'),
        import('../release/adapters/git'),
      ]);
      const sha = await git(join(__dirname, '..')).resolve(options.sha);
      process.stdout.write(`${manual(loadDeployment(name), { ...options, sha })}\n`);
    });
}
