import { type LayoutBlock, ofSlice } from '../domain/text/grounding';
import { joinSlices } from '../domain/text/joinSlices';
import type { PageSlice } from './images/pageSlices';
import type { PageReading, ReadingStatus } from './pageReading';

/** From the best to the worst: a page is what its worst slice is. */
const STATUSES: readonly ReadingStatus[] = ['whole', 'truncated', 'repetitive'];

/** Reads the slices of a page one after another, and joins them: one page, with its slices. @throws what `read` throws. */
export async function readSlices(
  slices: readonly PageSlice[],
  read: (slice: PageSlice) => Promise<PageReading>,
): Promise<PageReading> {
  const readings: PageReading[] = [];
  for (const slice of slices) readings.push(await read(slice));
  const sum = (of: (reading: PageReading) => number) =>
    readings.reduce((total, reading) => total + of(reading), 0);
  const status = STATUSES.findLast((one) => readings.some((reading) => reading.status === one)) ?? 'whole';
  const overlapping = slices.slice(1).map(({ overlaps }) => overlaps);
  const blocks = blocksOfSlices(slices, readings);
  return {
    text: joinSlices(
      readings.map(({ text }) => text),
      overlapping,
    ),
    ...(blocks && { blocks }),
    finishReason: readings.find((reading) => reading.status === status)?.finishReason ?? 'stop',
    imageTokens: sum(({ imageTokens }) => imageTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    seconds: sum(({ seconds }) => seconds),
    attempts: sum(({ attempts }) => attempts),
    status,
    warnings: readings.flatMap(({ warnings }, at) =>
      warnings.map((warning) => `slice ${at + 1} of ${slices.length}: ${warning}`),
    ),
    slices: readings.map((reading, at) => ({
      top: slices[at]!.top,
      height: slices[at]!.height,
      status: reading.status,
      finishReason: reading.finishReason,
      imageTokens: reading.imageTokens,
      completionTokens: reading.completionTokens,
      ...(reading.blocks && { blocks: reading.blocks }),
    })),
  };
}

/** Their boxes on the page; undefined where no blocks were asked for. What stands in an overlap is in both slices. */
function blocksOfSlices(
  slices: readonly PageSlice[],
  readings: readonly PageReading[],
): LayoutBlock[] | undefined {
  if (readings.every(({ blocks }) => blocks === undefined)) return undefined;
  const rows = Math.max(...slices.map(({ top, height }) => top + height));
  return readings.flatMap(({ blocks = [] }, at) => blocks.map((block) => ofSlice(block, slices[at]!, rows)));
}
