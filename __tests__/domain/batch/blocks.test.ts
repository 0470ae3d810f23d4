import {
  blockCutter,
  blocksOfTask,
  likelyPages,
  resultRange,
  splitBlock,
} from '../../../domain/batch/blocks';
import type { BatchDocument } from '../../../domain/batch/manifest';

const document = (name: string, pages = 1): BatchDocument => ({ name, pages, generation: '1', bytes: 1 });
const block = (id: string, pages: number) => ({ id, pages, documents: 1, first: id, last: id });

describe('blockCutter', () => {
  test('cuts before a document that would be too much, and keeps one that alone is', () => {
    const cutter = blockCutter(10, 100);
    const cut = ['a', 'b', 'c', 'd'].flatMap(
      (name, at) => cutter.add(document(name, [6, 6, 50, 1][at])) ?? [],
    );
    const all = [...cut, cutter.end()!];
    expect(all.map(({ documents }) => documents.map(({ name }) => name))).toEqual([
      ['a'],
      ['b'],
      ['c'],
      ['d'],
    ]);
    expect(all[2]!.block).toEqual({ id: '00003', documents: 1, pages: 50, first: 'c', last: 'c' });
    expect(cutter.end()).toBeUndefined();
  });

  test('cuts at the most documents', () => {
    const cutter = blockCutter(1000, 2);
    expect([1, 2, 3].flatMap((at) => cutter.add(document(String(at))) ?? [])).toHaveLength(1);
  });

  test('keeps no more than a block, however long the listing is', () => {
    const cutter = blockCutter();
    let most = 0;
    let blocks = 0;
    for (let at = 0; at < 100_000; at++) {
      const filled = cutter.add(document(String(at)));
      most = Math.max(most, filled?.documents.length ?? 0);
      blocks += Number(filled !== undefined);
    }
    expect(most).toBeLessThanOrEqual(300);
    expect(blocks).toBe(Math.floor(99_999 / 300));
  });
});

describe('blocksOfTask', () => {
  test('gives every block to one task, and nobody over 4/3 of the best', () => {
    const blocks = Array.from({ length: 41 }, (_, at) => block(String(at), 1 + ((at * 37) % 100)));
    const shares = [0, 1, 2, 3].map((task) => blocksOfTask(blocks, 4, task));
    expect(
      shares
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(blocks.map(({ id }) => id).sort());
    const loads = shares.map((share) => share.reduce((sum, { pages }) => sum + pages, 0));
    const all = loads.reduce((sum, load) => sum + load, 0);
    expect(Math.max(...loads)).toBeLessThanOrEqual((all / 4) * (4 / 3));
  });
});

describe('splitBlock', () => {
  test('splits into neighbours with names of their own', () => {
    const parts = splitBlock(
      '00007',
      ['a', 'b', 'c', 'd', 'e'].map((name) => document(name)),
      2,
    );
    expect(parts.map(({ block: { id, first, last } }) => [id, first, last])).toEqual([
      ['00007-1', 'a', 'c'],
      ['00007-2', 'd', 'e'],
    ]);
  });
});

describe('resultRange', () => {
  test.each([
    ['a', 'a-z', 'a.md'],
    ['a', 'a-z', 'a-z.jsonl'],
    ['in/1.pdf', 'in/2.pdf', 'in/2.pdf.md'],
    ['x y', 'x z!', 'x z.jsonl'],
  ])('of %p to %p holds %p', (first, last, name) => {
    const { from, before } = resultRange(first, last);
    expect(name >= from && name < before).toBe(true);
  });

  test('ends soon after the last', () => {
    const { before } = resultRange('in/1.pdf', 'in/2.pdf');
    expect('in/3.pdf.jsonl' < before).toBe(false);
  });
});

describe('likelyPages', () => {
  test('takes a picture for one page, and others by their size up to what the client opens', () => {
    const object = (name: string, bytes: number) => ({ name, bytes, generation: '1' });
    expect(likelyPages(object('a.png', 10_000_000))).toBe(1);
    expect(likelyPages(object('a.pdf', 1))).toBe(1);
    expect(likelyPages(object('a.pdf', 640 * 1024))).toBe(10);
    expect(likelyPages(object('a.pdf', 2 ** 40))).toBe(5000);
  });
});
