import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { table } from '../bin/table';
import { loadDeployment } from '../deployments/load';
import { PHASES } from '../domain/logs/startPhases';
import { type GpuMeasurement, measureGpu } from './measureGpu';

/** The table for a person. */
export function measurementTable(measured: readonly GpuMeasurement[]): string {
  const phases = ({ start }: GpuMeasurement) =>
    PHASES.map((name) => start.phases.find((phase) => phase.name === name)?.seconds.toFixed(1) ?? 'not seen');
  const head = [
    'max-num-seqs',
    ...PHASES.map((name) => `${name} s`),
    'pages/s',
    'tokens/s',
    'p50 s',
    'p95 s',
    'not whole',
    'GPU MiB',
  ];
  const rows = measured.map((one) => [
    String(one.maxNumSeqs),
    ...phases(one),
    one.pagesPerSecond.toFixed(2),
    one.tokensPerSecond.toFixed(0),
    one.p50Seconds.toFixed(2),
    one.p95Seconds.toFixed(2),
    `${one.notWhole} of ${one.pages}`,
    one.gpuMemoryMib?.toFixed(0) ?? 'not measured',
  ]);
  return table('measured', head, rows).join('\n');
}

interface Options {
  readonly deployment: string;
  readonly image?: string;
  readonly command?: string;
  readonly maxNumSeqs: string;
  readonly page: string;
  readonly pages: string;
  readonly port: string;
  readonly out: string;
}

/** What a container runtime with NVIDIA's toolkit is asked for; ports as they are on the host. */
const docker = (image: string) => ['docker', 'run', '--rm', '--gpus=all', '--network=host', image];

/** What `npm run measure:gpu --` takes. */
export const measureCommand = (): Command =>
  new Command('npm run measure:gpu --')
    .description(
      'Measures an image on the GPU of this machine: phases of a cold start, pages/s by --max-num-seqs, memory.',
    )
    .option('--deployment <name>', 'whose flags and page size', 'production')
    .option('--image <image>', 'started with docker, as the workstation stack does')
    .option('--command <words>', 'what starts the server instead, vLLM’s arguments behind it: "vllm serve"')
    .option('--max-num-seqs <list>', 'one start for each', '1,2,4,8,16')
    .option('--page <file>', 'an image of a page of yours', 'release/golden/page.png')
    .option('--pages <count>', 'for each start', '64')
    .option('--port <port>', 'of the server on this machine', '8000')
    .option('--out <file>', 'the numbers as JSON', 'measured.json');

async function run(argv: readonly string[]): Promise<void> {
  const program = measureCommand().parse(argv);
  const options = program.opts<Options>();
  if (!options.image && !options.command)
    program.error('say what to start: --image IMAGE or --command WORDS', { exitCode: 2 });
  const measured: GpuMeasurement[] = [];
  for (const count of options.maxNumSeqs.split(',').map(Number)) {
    const progress = (line: string) => void process.stderr.write(`max-num-seqs ${count}: ${line}\n`);
    measured.push(
      await measureGpu({
        deployment: loadDeployment(options.deployment),
        maxNumSeqs: count,
        command: options.image ? docker(options.image) : options.command!.split(' '),
        pageFile: options.page,
        pages: Number(options.pages),
        port: Number(options.port),
        progress,
      }),
    );
    // After each: a machine that dies at 16 sequences keeps what it knows of 8.
    writeFileSync(options.out, `${JSON.stringify(measured, null, 2)}\n`);
  }
  process.stdout.write(`${measurementTable(measured)}\n${options.out}\n`);
}

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await run(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
