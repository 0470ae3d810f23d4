import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const SOURCES = ['main.ts', 'deployments', 'domain', 'constructs', 'stacks', 'cdktf.json', 'package.json'];
const BINDING = /^import \{([^}]*)\} from '@cdktf\/provider-(google|docker)\/lib\/([\w-]+)';$/gm;

/** `cloud-run-v2-service` as the bindings' root names it: `cloudRunV2Service`. */
const namespaceOf = (resource: string) =>
  resource.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * A source in the stock style: the same names, taken from the root of the bindings, as cdktf's own templates and
 * documentation import them.
 */
export function rootImports(source: string): string {
  const roots = new Set<string>();
  const body = source.replace(BINDING, (_, names: string, provider: string, resource: string) => {
    roots.add(provider);
    const each = names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter(Boolean);
    return each.map((name) => `import ${name} = ${provider}.${namespaceOf(resource)}.${name};`).join('\n');
  });
  return [...roots].map((root) => `import * as ${root} from '@cdktf/provider-${root}';\n`).join('') + body;
}

/** Writes the project's synth into a folder, in the stock style: root imports, and ts-node that checks types. */
export function writeStockStyle(folder: string): void {
  for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.startsWith('node_modules')) continue;
    const path = join(folder, file);
    writeFileSync(path, rootImports(readFileSync(path, 'utf8')));
  }
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: object;
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: ['node'] } }),
  );
}
