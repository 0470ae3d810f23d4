import { cpSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../../domain/deployment';
import { vllmArgs } from '../../domain/vllmArgs';
import { troubleshootLog } from '../../operate/troubleshootLog';
import { startServer } from '../serverProcess';
import { type Environment, serverEnvironment, snapshotOf } from './environment';
import { row, type Row } from './row';

interface FailedStart {
  readonly what: string;
  readonly code: string;
  /** What is done to a copy of the model. */
  readonly damage?: (folder: string) => void;
  readonly args?: readonly string[];
}

/** A start that fails in each way that the diagnosis names without a GPU. */
export const FAILED_STARTS: readonly FailedStart[] = [
  { what: 'a flag that is not there', code: 'flag-unknown', args: ['--no-such-flag'] },
  { what: 'JSON that is none', code: 'flag-unknown', args: ['--limit-mm-per-prompt', '{image:1}'] },
  {
    what: 'a context that the model does not have',
    code: 'flag-unknown',
    args: ['--max-model-len', '99999'],
  },
  {
    what: 'no image processor',
    code: 'model-incomplete',
    damage: (folder) => ['preprocessor_config.json', 'processor_config.json'].forEach(remove(folder)),
  },
  { what: 'no configuration', code: 'model-incomplete', damage: (folder) => remove(folder)('config.json') },
  { what: 'no weights', code: 'model-incomplete', damage: (folder) => remove(folder)('model.safetensors') },
  {
    what: 'weights cut short',
    code: 'model-incomplete',
    damage: (folder) => truncateSync(join(folder, 'model.safetensors'), 20_000),
  },
  { what: 'a model that is not in the image', code: 'model-missing', args: [] },
];

const remove = (folder: string) => (name: string) => rmSync(join(folder, name), { force: true });

/** Starts each, waits for its end and asks the diagnosis what its log says. */
export async function failedStarts(
  { command, home }: Environment,
  deployment: Deployment,
  folder: string,
  progress: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { what, code, damage, args = [] } of FAILED_STARTS) {
    progress(`failed start: ${what}`);
    const scratch = mkdtempSync(join(folder, 'failed-'));
    const model = damage ? join(scratch, 'model') : code === 'model-missing' ? 'nobody/nothing' : undefined;
    if (damage && model !== undefined) {
      copyWhole(snapshotOf(home, deployment.model.id), model);
      damage(model);
    }
    const [id = '', ...flags] = vllmArgs(deployment);
    const server = startServer(
      command,
      [model ?? id, ...flags, '--enforce-eager', ...args],
      'failed',
      serverEnvironment(home),
    );
    await server.closed;
    const log = join(scratch, 'log.txt');
    writeFileSync(log, server.lines.map(({ text }) => text).join('\n'));
    const found = troubleshootLog(deployment, log).cases.map((each) => each.code);
    rows.push(row('diagnosis', what, code, found.join(', ') || 'nothing'));
  }
  return rows;
}

/** The cache's links as files: what is damaged is the copy. */
function copyWhole(from: string, to: string): void {
  cpSync(realpathSync(from), to, { recursive: true, dereference: true });
}
