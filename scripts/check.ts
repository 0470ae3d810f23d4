import { spawn } from 'node:child_process';
import { type GateResult, gateResult } from './gateResult';

/**
 * Every gate of the project, one after the other; at the end what failed, by name, and one true total:
 * `N passed, N failed, N skipped`. A gate that counts for itself (jest, the workflow linters) counts as it says; any other is
 * one. Further commands on the command line are further gates:
 * `npm run check -- "npx -p node@24 node node_modules/jest/bin/jest.js"`.
 */
const GATES = [
  'npx prettier --check .',
  'npx eslint .',
  'npm run --silent lint:workflows',
  'npm run --silent lint:image',
  'npm run --silent typecheck',
  'npm run --silent synth',
  'npm test --silent',
  'npm run --silent test:python',
  'npm run --silent rehearse',
];

async function run(command: string): Promise<GateResult> {
  process.stdout.write(`\n==> ${command}\n`);
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const [stream, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      to.write(text);
    });
  }
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  process.stdout.write(`==> ${code === 0 ? 'ok' : `FAILED (exit code ${code})`}: ${command}\n`);
  return gateResult(output, code);
}

export async function main(argv: readonly string[]): Promise<void> {
  const results: [command: string, result: GateResult][] = [];
  const commands = [...GATES, ...argv.slice(2)];
  for (const command of commands) results.push([command, await run(command)]);
  for (const [command, { failed, failures }] of results) {
    if (failed > 0) process.stdout.write(`\n${[`FAILED: ${command}`, ...failures].join('\n  ')}`);
  }
  const sum = (key: 'passed' | 'failed' | 'skipped') =>
    results.reduce((total, [, result]) => total + result[key], 0);
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}
