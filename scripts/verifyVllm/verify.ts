import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../../domain/deployment';
import { vllmArgs } from '../../domain/vllmArgs';
import { startServer } from '../serverProcess';
import { drained } from './drain';
import { type Environment, serverEnvironment } from './environment';
import { failedStarts } from './failures';
import { record } from './record';
import { recordedRequests, type RecordedRequest } from './requests';
import { row, type Row } from './row';
import { answers, portStates, used } from './running';

export interface VerifyOptions {
  readonly environment: Environment;
  readonly deployment: Deployment;
  /** What is kept: the answers, and the log of each start that fails. */
  readonly folder: string;
  /** How the stand-in is started. */
  readonly standIn: readonly string[];
  readonly port: number;
  readonly progress: (line: string) => void;
}

/** What a CPU and a tiny random model cannot show, said with every table. */
export const NOT_SHOWN =
  'Not shown by a CPU: GPU memory, CUDA and its driver, torch.compile and CUDA graphs (--enforce-eager), speed, the text of a real model, Cloud Run.';

/**
 * Starts real vLLM with the deployment's arguments, and holds to it what the project takes it to do: the moment when the port
 * opens, its answers against the stand-in's, `warmup`, `ocr` and the phases of `logs`, the drain, and the diagnosis of starts
 * that fail.
 */
export async function verify(options: VerifyOptions): Promise<Row[]> {
  const { environment, folder, port, progress } = options;
  const deployment = { ...options.deployment, port };
  const { model, vllm } = deployment;
  mkdirSync(folder, { recursive: true });
  const requests = await recordedRequests(model.id, true);
  const standIn = await ofStandIn(options, deployment, requests);

  progress('vLLM starts');
  const server = startServer(
    environment.command,
    [...vllmArgs(deployment), '--enforce-eager'],
    'vllm',
    serverEnvironment(environment.home),
  );
  try {
    const states = await portStates(port, server);
    server.note('STARTUP HTTP probe succeeded');
    const url = `http://127.0.0.1:${port}`;
    const asked = await answers(url, requests, standIn, progress);
    writeFileSync(
      join(folder, `answers-${vllm.version}.json`),
      `${JSON.stringify(asked.recorded, null, 1)}\n`,
    );
    progress('warmup, ocr, logs');
    const usage = await used(server, port, deployment);
    progress('drain');
    const drain = await drained(server, url, longRequest(requests));
    await server.stop();
    const failed = await failedStarts(environment, deployment, folder, progress);
    const opening = row('start', 'states of the port', ['refused', 'open, /health 200'], states);
    return [opening, ...asked.rows, ...usage, ...drain, ...failed];
  } finally {
    await server.stop();
    writeFileSync(
      join(folder, `start-${vllm.version}.log`),
      `${server.lines.map(({ text }) => text).join('\n')}\n`,
    );
  }
}

/** The stand-in's answers, as the version and the arguments are. */
async function ofStandIn(
  { standIn, progress }: VerifyOptions,
  deployment: Deployment,
  requests: readonly RecordedRequest[],
) {
  progress('the stand-in answers');
  const server = startServer(standIn, vllmArgs(deployment), 'stand-in', {
    STAND_IN_VERSION: deployment.vllm.version,
  });
  try {
    await portStates(deployment.port, server);
    return await record(`http://127.0.0.1:${deployment.port}`, requests);
  } finally {
    await server.stop();
  }
}

/** A page with more text than any time-out lets through. */
function longRequest(requests: readonly RecordedRequest[]): RecordedRequest {
  const page = requests.find(({ name }) => name === 'plain page')!;
  const body = { ...(JSON.parse(page.body ?? '{}') as object), max_tokens: 5000, ignore_eos: true };
  return { ...page, name: 'long', body: JSON.stringify(body) };
}
