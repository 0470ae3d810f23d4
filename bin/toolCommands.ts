import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { Failure } from '../domain/failure';

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
        import('../release/manual'),
        import('../release/git'),
      ]);
      const sha = await git(process.cwd()).resolve(options.sha);
      process.stdout.write(`${manual(loadDeployment(name), { ...options, sha })}\n`);
    });

  root
    .command('ocr <deployment> <files...>')
    .description('Sends page images to the service and prints their text.')
    .option('--endpoint <url>', 'root of every Google API instead of the public ones')
    .addHelpText('after', '\nExample:\n  $ bin/lightonocr ocr production scan.png')
    .action(async (name: string, files: string[], options: { endpoint?: string }) => {
      const [{ openRelease }, { readDocument }, { loadDeployment }] = await Promise.all([
        import('../release/open'),
        import('../release/readDocument'),
        import('../deployments/load'),
      ]);
      const deployment = loadDeployment(name);
      for (const file of files) await needFile(file);
      const context = openRelease({
        ...options,
        deployment,
        progress: (line) => void process.stderr.write(`${line}\n`),
      });
      for (const file of files) process.stdout.write(`${await readDocument(context, file)}\n`);
    });
}

async function needFile(file: string): Promise<void> {
  if (
    await stat(file).then(
      (found) => found.isFile(),
      () => false,
    )
  )
    return;
  throw new Failure({
    code: 'NO_SUCH_FILE',
    message: 'There is no such file.',
    where: file,
    remedy: 'name an image of a page',
    exitCode: 2,
  });
}
