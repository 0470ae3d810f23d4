import { pagesByWay } from '../../bin/ocrSummary';
import type { PageResult } from '../../ocr/pageResult';

function linesOf(...pages: readonly (readonly [document: string, page: number, way: string])[]) {
  const ways = pagesByWay();
  for (const [document, page, way] of pages)
    ways.add({
      document,
      page,
      status: way === 'failed' ? 'failed' : 'whole',
      source: way === 'layer' ? 'text-layer' : 'ocr',
    } as PageResult);
  return ways.lines(['b.pdf', 'a.pdf', 'locked.pdf']);
}

describe('pagesByWay', () => {
  test('names the pages of each way as ranges, in whatever order they came', () => {
    const layer = [7, 2, 1, 3].map((page) => ['a.pdf', page, 'layer'] as const);
    const ocr = [6, 4, 5, 10].map((page) => ['a.pdf', page, 'ocr'] as const);
    const failed = [9, 8].map((page) => ['a.pdf', page, 'failed'] as const);
    expect(linesOf(...ocr, ...failed, ...layer)).toEqual([
      'a.pdf: text layer: 1-3, 7; OCR: 4-6, 10; failed: 8-9',
    ]);
  });

  test('has a line a document, in their order, and none for one that could not be opened', () => {
    expect(linesOf(['locked.pdf', 0, 'failed'], ['a.pdf', 1, 'ocr'], ['b.pdf', 1, 'layer'])).toEqual([
      'b.pdf: text layer: 1',
      'a.pdf: OCR: 1',
    ]);
  });
});
