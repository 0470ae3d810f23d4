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

/** Words of others that stand where a code of ours could. */
const FOREIGN = new Set(
  `
  Cloud Monitoring ALIGN_DELTA ALIGN_MAX ALIGN_MEAN ALIGN_NONE ALIGN_PERCENTILE_99 ALIGN_RATE REDUCE_MAX REDUCE_NONE
    REDUCE_PERCENTILE_50 REDUCE_PERCENTILE_95 REDUCE_SUM
  Cloud Run CONDITION_FAILED CONDITION_RECONCILING CONDITION_SUCCEEDED INGRESS_TRAFFIC_ALL
    TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION
  others of Google DEADLINE_EXCEEDED IAM_PERMISSION_DENIED INTERNAL_ERROR QUOTA_DECREASE_PERCENTAGE_TOO_HIGH
    SERVICE_DISABLED SEVERITY_UNSPECIFIED STATUS_UNKNOWN
  GitHub's environment GITHUB_REPOSITORY GITHUB_TOKEN
  `.match(/\b[A-Z0-9]+(_[A-Z0-9]+)+\b/g),
);

const parse = (text: string) => ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);

/** Words that a source gives to an error as its code; what is only compared with is given elsewhere. */
function codesOf(text: string): string[] {
  const codes: string[] = [];
  const visit = (node: ts.Node, key: string | undefined): void => {
    if (ts.isStringLiteralLike(node) && isCode(node.text, key)) codes.push(node.text);
    node.forEachChild((child) => {
      if (isCompared(node, child)) return;
      visit(child, ts.isPropertyAssignment(node) ? node.name.getText() : isChoice(node) ? key : undefined);
    });
  };
  visit(parse(text), undefined);
  return codes;
}

/** A single word only as `code: 'HELD'`; of two and more also what is handed on to a function. */
function isCode(word: string, key: string | undefined): boolean {
  if (key === 'code') return /^[A-Z][A-Z0-9_]+$/.test(word);
  return key === undefined && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(word);
}

const isChoice = (node: ts.Node) =>
  ts.isConditionalExpression(node) || ts.isBinaryExpression(node) || ts.isParenthesizedExpression(node);

const COMPARISONS = [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken];

/** Compared with, a case of a switch, a type; and a GoogleError is the local cloud's, in Google's words. */
const isCompared = (node: ts.Node, child: ts.Node) =>
  (ts.isBinaryExpression(node) && COMPARISONS.includes(node.operatorToken.kind)) ||
  (ts.isCaseClause(node) && child === node.expression) ||
  ts.isLiteralTypeNode(node) ||
  (ts.isNewExpression(node) && node.expression.getText() === 'GoogleError' && child === node.arguments?.[0]);

/** True when a test has the word outside its comments. */
function names(test: string, word: string): boolean {
  const visit = (node: ts.Node): boolean => {
    let leaf = true;
    const found = node.forEachChild((child) => {
      leaf = false;
      return visit(child) || undefined;
    });
    return found ?? (leaf && new RegExp(`\\b${word}\\b`).test(node.getText()));
  };
  return test.includes(word) && visit(parse(test));
}

/** Codes that no test names. */
const unnamed = (codes: readonly string[], tests: readonly string[]) =>
  codes.filter((code) => !FOREIGN.has(code) && !tests.some((test) => names(test, code)));

describe('error codes', () => {
  const codes = [
    ...new Set(SOURCES.flatMap((folder) => filesBelow(folder, '.ts')).flatMap((file) => codesOf(read(file)))),
  ];

  test('are each named by a test that provokes them', () => {
    expect(codes.length).toBeGreaterThan(100);
    // Of one word, and of a rule whose name begins as GitHub's variables do.
    expect(codes).toEqual(expect.arrayContaining(['HELD', 'SUPERSEDED', 'USAGE', 'GITHUB_HALF']));
    const tests = filesBelow('__tests__', '.ts').filter((file) => !file.endsWith('errorCodes.test.ts'));
    expect(unnamed(codes, tests.map(read))).toEqual([]);
  });

  test('has no word of others in its list that the sources do not use', () => {
    expect([...FOREIGN].filter((word) => !codes.includes(word))).toEqual([]);
  });

  test.each(['NEVER_PROVOKED', 'NEVER'])('rejects %s that no test names', (code) => {
    expect(unnamed([code], ['expect(code).toBe(`${other}`);'])).toEqual([code]);
  });

  test.each(['// NEVER_PROVOKED\nrun();', '/** NEVER_PROVOKED */\nconst a = 1; // NEVER_PROVOKED'])(
    'rejects a code that only a comment names: %j',
    (test) => {
      expect(unnamed(['NEVER_PROVOKED'], [test])).toEqual(['NEVER_PROVOKED']);
      expect(unnamed(['NEVER_PROVOKED'], [`${test}\nexpect(code).toBe('NEVER_PROVOKED');`])).toEqual([]);
    },
  );

  test.each([
    "new Failure({ code: 'A_CODE' })",
    "problem(context, 'A_CODE')",
    "fail({ code: wrong ? 'A_CODE' : undefined })",
    "['A_CODE']",
  ])('sees the code in %s', (text) => {
    expect(codesOf(text)).toEqual(['A_CODE']);
  });
});
