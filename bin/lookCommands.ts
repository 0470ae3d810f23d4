import type { Command } from 'commander';
import { fullName, lineCount } from './logCommands';
import { type CommonOptions, verb } from './releaseCommands';

/** Commands that show what is there and what happened; none of them changes anything. */
export function addLookCommands(root: Command): void {
  verb<CommonOptions & { limit: number }>(
    root,
    'revisions',
    'Every revision: traffic, tag, image, readiness, and what the ledger says of it.',
    'production --limit 5',
    async (context, { limit }) => {
      const [{ revisions }, { revisionTable }] = await Promise.all([
        import('../operate/revisions'),
        import('./lookTables'),
      ]);
      const data = await revisions(context);
      const { ledgerFailure: failure } = data;
      return { text: revisionTable(data, limit), data, ...(failure && { failure }) };
    },
    { onlyLooks: true },
  ).option(
    '--limit <revisions>',
    'show at most N, newest first, and what has traffic or a tag',
    lineCount,
    20,
  );

  verb<CommonOptions & { limit: number }>(
    root,
    'history',
    'Who did what, when and why, and how it ended; newest first.',
    'production --limit 50',
    async (context, { limit }) => {
      const [{ history }, { historyTable }] = await Promise.all([
        import('../operate/history'),
        import('./lookTables'),
      ]);
      const data = await history(context);
      const { name } = context.deployment;
      return { text: historyTable(name, data, limit), data: data.slice(0, limit) };
    },
    { onlyLooks: true },
  ).option('--limit <events>', 'show at most N, newest first', lineCount, 20);

  verb<CommonOptions & { revision?: string }>(
    root,
    'image',
    'The image that serves: digest, commit, age, size, vulnerabilities, and whether the model is inside.',
    'production',
    async (context, options) => {
      const [{ image }, { imageText }] = await Promise.all([
        import('../operate/image'),
        import('./imageText'),
      ]);
      const { deployment, clock } = context;
      const { revision } = options;
      const data = await image(
        context,
        revision === undefined ? {} : { revision: fullName(deployment.service, revision) },
      );
      return { text: imageText(data, clock.now()), data };
    },
    { onlyLooks: true },
  ).option('--revision <name>', 'of another revision; service prefix optional');
}
