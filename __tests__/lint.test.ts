import { readFileSync } from 'node:fs';
import { ESLint, type Linter } from 'eslint';
import tseslint from 'typescript-eslint';
// @ts-expect-error: plain JavaScript, without types
import projectConfig from '../eslint.config.js';

/** The project's own rules on snippets; those that need types want files that exist, so they are off here. */
const eslint = new ESLint({
  overrideConfigFile: true,
  baseConfig: [
    ...(projectConfig as Linter.Config[]),
    {
      files: ['**/*.ts'],
      ...(tseslint.configs.disableTypeChecked as Linter.Config),
    },
    { rules: { '@typescript-eslint/no-unused-vars': 'off' } },
  ],
});

/** Rules that a line of code breaks when it stands in a file. */
async function broken(filePath: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath });
  return result!.messages.map((message) => message.ruleId);
}

const NO_IMPORT = '@typescript-eslint/no-restricted-imports';

describe('eslint.config.js', () => {
  test.each([
    ['the root of the google bindings', 'stacks/x.ts', "import * as g from '@cdktf/provider-google';"],
    [
      'the root of the bindings by its file',
      'constructs/x.ts',
      "import * as g from '@cdktf/provider-google/lib';",
    ],
    ['the rehearsal in the engine', 'release/x.ts', "import { a } from '../rehearsal/cloud';"],
    [
      'the rehearsal in the engine, from deeper down',
      'release/build/x.ts',
      "import { a } from '../../rehearsal/cloud';",
    ],
    ['the engine in the client', 'ocr/x.ts', "import { a } from '../release/verbs/apply';"],
    ['the reader of deployments in the stacks', 'stacks/x.ts', "import { a } from '../deployments/load';"],
    ['files in the domain', 'domain/x.ts', "import { readFileSync } from 'node:fs';"],
    ['cdktf in the client', 'ocr/x.ts', "import { App } from 'cdktf';"],
    [
      'bindings in the engine',
      'release/x.ts',
      "import { A } from '@cdktf/provider-google/lib/service-account';",
    ],
    ['a test in the code', 'stacks/x.ts', "import { a } from '../__tests__/constructs/deployment';"],
  ])('rejects %s', async (_what, file, code) => {
    expect(await broken(file, code)).toEqual([NO_IMPORT]);
  });

  test.each([
    ['the clock', 'domain/x.ts', 'export const now = () => Date.now();', 'no-restricted-syntax'],
    ['the environment', 'domain/x.ts', 'export const env = () => process.env;', 'no-restricted-globals'],
  ])('rejects %s in the domain', async (_what, file, code, rule) => {
    expect(await broken(file, code)).toEqual([rule]);
  });

  test('has the arrows of the README, and no others', async () => {
    // `| `bin/` | the command line | operate, release, … |`, or `constructs, domain; `main.ts` also …`
    const rows = readFileSync('README.md', 'utf8').matchAll(/^\| `(\w+)\/`.* \| (\w[\w, ]*)\b.*\|$/gm);
    const layout = new Map([...rows].map(([, folder, allowed]) => [folder!, allowed!.split(', ')]));
    const folders = [...layout.keys()].filter((folder) => layout.get(folder)!.join() !== 'all');
    expect(folders.sort()).toEqual(
      'bin constructs deployments domain ocr operate rehearsal release stacks'.split(' '),
    );
    for (const folder of folders) {
      const others = folders.filter((other) => other !== folder);
      const problems = await Promise.all(
        others.map((other) => broken(`${folder}/x.ts`, `import { a } from '../${other}/a';`)),
      );
      const allowed = others.filter((_, index) => problems[index]!.length === 0);
      const said = layout.get(folder)!.filter((word) => word !== 'nothing');
      expect([folder, allowed]).toEqual([folder, said.sort()]);
    }
  });

  test.each([
    [
      'one resource in a construct',
      'constructs/x.ts',
      "import { A } from '@cdktf/provider-google/lib/service-account';",
    ],
    ['constructs in a stack', 'stacks/x.ts', "import { A } from '../constructs/imageRegistry';"],
    ['the client in the engine', 'release/x.ts', "import { a } from '../ocr/client';"],
    ['the engine in the rehearsal', 'rehearsal/x.ts', "import { a } from '../release/verbs/apply';"],
    ['a neighbour in the domain', 'domain/rules/x.ts', "import { a } from '../names';"],
    ['hashing in the domain', 'domain/x.ts', "import { createHash } from 'node:crypto';"],
    ['files in main', 'main.ts', "import { mkdirSync } from 'node:fs';"],
  ])('accepts %s', async (_what, file, code) => {
    expect(await broken(file, code)).toEqual([]);
  });
});
