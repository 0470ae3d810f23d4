import { documentMarkdown } from '../../ocr/markdown';
import type { PageResult } from '../../ocr/pageResult';

const page = (number: number, rest: Partial<PageResult> = {}): PageResult => ({
  document: 'a.pdf',
  sha256: '',
  page: number,
  pages: 4,
  status: 'whole',
  source: 'ocr',
  why: 'no text layer',
  text: `# Page ${number}\n`,
  seconds: 1,
  attempts: 1,
  warnings: [],
  ...rest,
});

describe('documentMarkdown', () => {
  test('puts a rule between pages', () => {
    expect(documentMarkdown([page(1, { pages: 2 }), page(2, { pages: 2 })])).toBe(
      '# Page 1\n\n---\n\n# Page 2\n',
    );
  });

  test('never passes a document off as whole that was stopped', () => {
    expect(documentMarkdown([page(1), page(3)])).toMatch(
      /# Page 3\n\n---\n\n<!-- 2 of 4 pages are missing -->\n$/,
    );
  });

  test('never passes a page off as whole that is not', () => {
    const error = { code: 'OVERLOADED', message: 'No room --> now.', where: 'x', remedy: 'y' };
    expect(
      documentMarkdown([
        page(1, { pages: 2, status: 'truncated', warnings: ['the text is cut'] }),
        page(2, { status: 'failed', text: '', error }),
      ]),
    ).toBe(
      '<!-- page 1 is truncated: the text is cut -->\n\n# Page 1\n\n---\n\n<!-- page 2 is failed: OVERLOADED: No room - -> now. -->\n',
    );
  });
});
