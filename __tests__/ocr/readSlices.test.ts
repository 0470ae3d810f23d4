import type { PageReading } from '../../ocr/reader';
import { readSlices } from '../../ocr/readSlices';

const slice = (top: number, overlaps = false) =>
  ({ data: Buffer.alloc(0), mediaType: 'image/png', width: 576, height: 1000, top, overlaps }) as const;
const reading = (over: Partial<PageReading> = {}): PageReading => ({
  text: 'text',
  finishReason: 'stop',
  imageTokens: 10,
  completionTokens: 5,
  seconds: 1,
  attempts: 1,
  status: 'whole',
  warnings: [],
  ...over,
});

describe('readSlices', () => {
  test('makes one page of its slices, as bad as the worst of them', async () => {
    const readings = [
      reading(),
      reading({ status: 'truncated', finishReason: 'length', warnings: ['it is cut'] }),
    ];
    const page = await readSlices([slice(0), slice(1000)], async () => readings.shift()!);
    expect(page).toMatchObject({ text: 'text\ntext', status: 'truncated', finishReason: 'length' });
    expect(page).toMatchObject({ imageTokens: 20, completionTokens: 10, seconds: 2, attempts: 2 });
    expect(page.warnings).toEqual(['slice 2 of 2: it is cut']);
    expect(page.slices!.map(({ top, status }) => [top, status])).toEqual([
      [0, 'whole'],
      [1000, 'truncated'],
    ]);
  });

  test('keeps the layout blocks of each slice', async () => {
    const blocks: NonNullable<PageReading['blocks']> = [];
    const page = await readSlices([slice(0)], async () => reading({ blocks }));
    expect(page.slices![0]!.blocks).toBe(blocks);
  });
});
