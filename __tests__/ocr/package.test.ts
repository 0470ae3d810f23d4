import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../scripts/build';
import { ROOT } from '../rehearsal/vllm/container';
import { pdfOf } from './documents';

const folder = mkdtempSync(join(tmpdir(), 'package-'));
const project = join(folder, 'project');
const installed = join(project, 'node_modules', 'lightonocr-client');
afterAll(() => rmSync(folder, { recursive: true }));

/** Builds and packs the library, and unpacks it into an empty project that has its dependencies and nothing else of ours. */
beforeAll(async () => {
  const dist = join(folder, 'dist');
  await build(ROOT, dist);
  const pack = execFileSync('npm', ['pack', dist, '--pack-destination', folder, '--json'], {
    encoding: 'utf8',
  });
  const [{ filename }] = JSON.parse(pack) as [{ filename: string }];
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  const { dependencies } = manifest();
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    mkdirSync(join(project, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
  writeFileSync(join(project, 'package.json'), '{"name":"empty","private":true}');
  writeFileSync(join(project, 'page.pdf'), await pdfOf(['digital']));
});

const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const OPTIONS = ['--strict', '--module', 'node16', '--target', 'es2022', '--types', 'node', '--skipLibCheck'];
const compile = (file: string) =>
  execFileSync(process.execPath, [TSC, ...OPTIONS, file], { cwd: project, encoding: 'utf8', stdio: 'pipe' });

const manifest = () =>
  JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    peerDependencies: Record<string, string>;
  };

const PROGRAM = `
import { createOcrClient, createPageReader, readDocuments, type PageResult } from 'lightonocr-client';
const client = createOcrClient({ baseUrl: 'http://127.0.0.1:1', model: 'm', identityToken: async () => 't' });
async function main(): Promise<void> {
  const results: PageResult[] = [];
  for await (const page of readDocuments(['page.pdf'], { reader: createPageReader(client) })) results.push(page);
  console.log(results[0]?.source, results[0]?.text.split('\\n')[0]);
}
void main();
`;

describe('the packed client', () => {
  test('says that its types need those of Node', () => {
    expect(manifest().peerDependencies).toEqual({ '@types/node': '>=20' });
  });

  test('asks for what it imports and no more: nothing of cdktf, Terraform or the release engine', () => {
    expect(Object.keys(manifest().dependencies)).toEqual([
      '@hyzyla/pdfium',
      'cockatiel',
      'fastest-levenshtein',
      'google-auth-library',
      'jxl-oxide-wasm',
      'libheif-js',
      'sharp',
      'zod',
    ]);
  });

  test('compiles and runs in an empty project', () => {
    writeFileSync(join(project, 'main.ts'), PROGRAM);
    compile('main.ts');
    const output = execFileSync(process.execPath, ['main.js'], { cwd: project, encoding: 'utf8' });
    expect(output.trim()).toBe('text-layer Page 1');
  });

  test('compiles what its page shows', () => {
    const page = readFileSync(join(installed, 'README.md'), 'utf8');
    const program = /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const token = /`(identityToken: async [^`]*)`/.exec(page)?.[1] ?? '';
    const other = `createOcrClient({ baseUrl, model: 'm', ${token} });\n`;
    writeFileSync(join(project, 'shown.mts'), `${program}${other}`);
    compile('shown.mts');
    expect([program, token]).not.toContain('');
  });

  test('links to no page that is not in it', () => {
    expect(readFileSync(join(installed, 'README.md'), 'utf8')).not.toMatch(/\]\((?!https?:)/);
  });

  test('has types that refuse a wrong use', () => {
    writeFileSync(join(project, 'wrong.ts'), PROGRAM.replace("model: 'm', ", ''));
    expect(() => compile('wrong.ts')).toThrow(
      expect.objectContaining({ stdout: expect.stringContaining("'model' is missing") }),
    );
  });
});
