import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface CloudBuild {
  readonly steps: readonly { readonly args: readonly string[] }[];
  readonly images: readonly string[];
  readonly substitutions: Readonly<Record<string, string>>;
  readonly timeout: string;
  readonly queueTtl: string;
}

const text = readFileSync('cloudbuild/gpu-cloudbuild.yaml', 'utf8');
const build = parse(text) as CloudBuild;
const args = build.steps.flatMap((step) => step.args);
/** https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values; SHORT_SHA is handed over. */
const BUILT_IN = ['PROJECT_ID', 'SHORT_SHA'];

function used(): Set<string> {
  const values = JSON.stringify([build.steps, build.images]);
  return new Set([...values.matchAll(/\$\{?([A-Z_]+)\}?/g)].map(([, name]) => name!));
}

describe('cloudbuild/gpu-cloudbuild.yaml', () => {
  test('uses what it declares and declares what it uses: Cloud Build refuses either difference', () => {
    expect([...used()].sort()).toEqual([...BUILT_IN, ...Object.keys(build.substitutions)].sort());
  });

  test('pushes the commit’s tag only, the one that it has built', () => {
    expect(build.images).toHaveLength(1);
    expect(build.images[0]).toMatch(/:\$SHORT_SHA$/);
    expect(args).toContain(`--tag=${build.images[0]}`);
    expect(args.filter((arg) => arg.startsWith('--tag') || arg === '-t')).toHaveLength(1);
  });

  test('bounds both the wait for a machine and the build', () => {
    expect(build.timeout).toMatch(/^\d+s$/);
    expect(build.queueTtl).toMatch(/^\d+s$/);
  });

  test('hands the Dockerfile each of its ARGs, from the substitution of that name', () => {
    const dockerfile = readFileSync('gpu-container/Dockerfile', 'utf8');
    const declared = [...dockerfile.matchAll(/^ARG (\w+)/gm)].map(([, name]) => name!);
    const handed = args.flatMap(
      (arg) => /^--build-arg=(\w+)=\$\{_(\w+)\}$/.exec(arg)?.slice(1, 3).join(' ') ?? [],
    );
    expect(handed.sort()).toEqual([...new Set(declared)].map((name) => `${name} ${name}`).sort());
  });

  test('builds with the defaults of the Dockerfile', () => {
    const dockerfile = readFileSync('gpu-container/Dockerfile', 'utf8');
    for (const [, name, value] of dockerfile.matchAll(/^ARG (\w+)=(.*)$/gm)) {
      expect([name, build.substitutions[`_${name}`]]).toEqual([name, value]);
    }
  });

  test('takes the container’s folder as its context, as the uploaded source has it', () => {
    expect(args.at(-1)).toBe('gpu-container');
  });

  test('holds no secret', () => {
    expect(text).not.toMatch(/secret|password|token|api[_-]?key/i);
  });
});
