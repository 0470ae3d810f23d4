import { dirname, join } from 'node:path';
import ts from 'typescript';
import { filesBelow, read } from './shownCommands';

const SOURCES = 'bin constructs deployments domain ocr operate rehearsal release scripts stacks'.split(' ');

/** What each file imports of the others, imports of types too: they say who has to be read before whom. */
type Imports = ReadonlyMap<string, readonly string[]>;

function importsOf(files: readonly string[], text: (file: string) => string): Imports {
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const named = ts.preProcessFile(text(file), true, true).importedFiles;
      const paths = named
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => join(dirname(file), fileName));
      return [
        file,
        paths.flatMap((path) => [`${path}.ts`, join(path, 'index.ts')]).filter((at) => known.has(at)),
      ];
    }),
  );
}

/** A circle as its files in order, the first of them again at its end; none where there is none. */
function circleIn(imports: Imports): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...way, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}

describe('imports', () => {
  test('go round in no circle', () => {
    const imports = importsOf(
      SOURCES.flatMap((folder) => filesBelow(folder, '.ts')),
      read,
    );
    expect([...imports.values()].flat().length).toBeGreaterThan(1000);
    expect(circleIn(imports)).toBeUndefined();
  });

  test.each<[string, Record<string, string>, string[] | undefined]>([
    [
      'of three files, and of types',
      { 'a.ts': "import './b';", 'b.ts': "export * from './c';", 'c.ts': "import type { A } from './a';" },
      ['a.ts', 'b.ts', 'c.ts', 'a.ts'],
    ],
    [
      'through a folder',
      { 'a/index.ts': "import '../b';", 'b.ts': "import './a';" },
      ['a/index.ts', 'b.ts', 'a/index.ts'],
    ],
    [
      'of a file that is loaded late',
      { 'a.ts': "void import('./b');", 'b.ts': "import './a';" },
      ['a.ts', 'b.ts', 'a.ts'],
    ],
    [
      'two ways to one file are none',
      { 'a.ts': "import './b'; import './c';", 'b.ts': "import './c';", 'c.ts': '' },
      undefined,
    ],
  ])('a circle %s is seen', (_what, texts, circle) => {
    expect(circleIn(importsOf(Object.keys(texts), (file) => texts[file]!))).toEqual(circle);
  });
});
