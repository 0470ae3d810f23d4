import { type Command, Option } from 'commander';
import { fit } from './fit';
import { terminalWidth } from './table';
import { COST_INPUTS, type CostInputName } from '../domain/cost/costInputs';

type CostOptions = Partial<Record<CostInputName, string>> & {
  readonly prices?: string;
  readonly json?: boolean;
};

/** What a deployment costs: asks nobody, changes nothing. */
export function addCostCommands(root: Command): void {
  const command = root
    .command('cost <deployment>')
    .description(
      'What the deployment costs with a load: an hour, 1,000 pages, a month, and what would change it.',
    )
    .option('--prices <file>', 'YAML over the price table: for other regions, or newer prices');
  for (const { flag, means, default: value } of Object.values(COST_INPUTS))
    command.addOption(new Option(flag, `${means} (default: ${value})`));
  command
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ bin/lightonocr cost production\n  $ bin/lightonocr cost production --pages-per-day 4000 --burst-pages 200 --hours 10',
    )
    .action(async (name: string, { prices, json, ...given }: CostOptions) => {
      const [{ loadDeployment }, { costInputs }, { costEstimate }, { costReport }, { PRICES }] =
        await Promise.all([
          import('../deployments/load'),
          import('../domain/cost/costInputs'),
          import('../domain/cost/costEstimate'),
          import('../domain/cost/costReport'),
          import('../domain/cost/prices'),
        ]);
      const list = prices === undefined ? PRICES : (await import('../deployments/prices')).loadPrices(prices);
      const { inputs, assumed } = costInputs(given);
      const estimate = costEstimate(loadDeployment(name), inputs, list);
      const text = json
        ? JSON.stringify({ ...estimate, inputs, assumed }, null, 2)
        : fit(costReport(estimate, assumed, terminalWidth()));
      process.stdout.write(`${text}\n`);
    });
}
