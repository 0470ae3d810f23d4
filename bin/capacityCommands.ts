import type { Command } from 'commander';
import type { GivenQuestion } from '../domain/capacity/question';
import { type CommonOptions, verb } from './releaseCommands';

/** What a deadline takes: asks for quota and prices, changes nothing. */
export function addCapacityCommands(root: Command): void {
  verb<CommonOptions & GivenQuestion & { prices?: string }>(
    root,
    'capacity',
    'Instances, quota and money for a deadline; when one region is not enough, and when Cloud Run is not.',
    'production --pages 200000 --deadline 2d',
    async (context, options) => {
      const [{ capacity }, { capacityQuestion }, { capacityText }, { PRICES }] = await Promise.all([
        import('../operate/capacity/capacity'),
        import('../domain/capacity/question'),
        import('./capacityText'),
        import('../domain/cost/prices'),
      ]);
      const question = capacityQuestion(options, context.clock.now());
      const { prices } = options;
      const list = prices === undefined ? PRICES : (await import('../deployments/prices')).loadPrices(prices);
      const data = await capacity(context, question, list);
      return { text: capacityText(context.deployment, data), data };
    },
    { onlyLooks: true },
  )
    .requiredOption('--pages <pages>', 'to read')
    .requiredOption('--deadline <time>', 'from now, as 36h or 7d, or a time as 2026-12-05T08:00Z')
    .option('--arrival <time>', 'over which the pages come, as 12h or 5d; default: all are there')
    .option('--hours <hours>', 'of each day in which they come, beginning now; default 24')
    .option('--prices <file>', 'YAML over the price table: for other regions, or newer prices');
}
