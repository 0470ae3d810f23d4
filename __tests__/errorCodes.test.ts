import ts from 'typescript';
import { filesBelow, read } from './shownCommands';

const SOURCES = [
  'domain',
  'deployments',
  'constructs',
  'stacks',
  'release',
  'ocr',
  'operate',
  'bin',
  'rehearsal',
];
/** Words of others' APIs that look like a code of ours: Cloud Monitoring's, undici's, Cloud Build's, gRPC's. */
const NOT_OURS =
  /^(REDUCE|ALIGN|STACKED|UND_ERR|STATUS|CONDITION|TRAFFIC_TARGET|GOOGLE|LIGHTONOCR|GITHUB_(?!NOT)|STAND_IN|CONTAINER|VLLM|COMPARISON|HF)_|^FAILED_PRECONDITION$/;

/** Every string that is written like an error's code, in the sources of these folders. */
function codesIn(folders: readonly string[]): Map<string, string> {
  const codes = new Map<string, string>();
  for (const file of folders.flatMap((folder) => filesBelow(folder, '.ts'))) {
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(node.text))
        codes.set(node.text, file);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest));
  }
  return codes;
}

/** Codes that are given to a Failure or a problem: somewhere in the sources as `code: 'X'` or as a first argument. */
const given = (code: string, file: string) =>
  new RegExp(`(code:[^,;{}]*|\\(\\s*(context,\\s*)?)'${code}'`).test(read(file));

describe('error codes', () => {
  test('are each named by a test that provokes them', () => {
    const tests = filesBelow('__tests__', '.ts').map(read).join('\n');
    const codes = [...codesIn(SOURCES)].filter(([code, file]) => !NOT_OURS.test(code) && given(code, file));
    expect(codes.length).toBeGreaterThan(100);
    expect(codes.filter(([code]) => !new RegExp(`\\b${code}\\b`).test(tests))).toEqual([]);
  });
});
