import { listFolder } from '../../../operate/batch/inventory';
import { listObjects } from '../../../release/adapters/google/objects';
import { listingOf } from './listing';

const PLACE = { bucket: 'docs', prefix: 'in/' };
const signal = new AbortController().signal;

describe('listFolder', () => {
  // Calls and kept objects, not seconds: five million were measured once (docs/batch.md).
  test.each([
    [10, 1],
    [1000, 1],
    [1001, 2],
    [100_000, 100],
  ])('%d objects take %d calls, and what is kept does not grow', async (objects, calls) => {
    const listing = listingOf(objects);
    const said: string[] = [];
    const { strata, documents } = await listFolder(
      { call: listing.call, signal, progress: (line) => said.push(line) },
      PLACE,
    );
    expect(listing.calls()).toBe(calls);
    expect(documents).toBe(objects);
    // Four kinds in three size classes, 40 of each.
    const kept = strata.reduce((sum, { sample }) => sum + sample.length, 0);
    expect(kept).toBeLessThanOrEqual(Math.min(objects, 12 * 40));
    expect(said).toEqual(objects < 100_000 ? [] : ['100000 objects listed']);
  });

  test('gives the same sample for the same listing', async () => {
    const sampled = async () =>
      (await listFolder({ call: listingOf(5000).call, signal, progress: () => undefined }, PLACE)).strata;
    expect(await sampled()).toEqual(await sampled());
  });

  test('rejects a folder without documents, and says what it saw', async () => {
    const empty = { call: listingOf(0).call, signal, progress: () => undefined };
    await expect(listFolder(empty, PLACE)).rejects.toMatchObject({
      code: 'BATCH_EMPTY',
      got: 'gs://docs/in/: 0 objects, none with content',
      exitCode: 2,
    });
  });
});

describe('listObjects', () => {
  test('asks for a page when the one before was taken', async () => {
    const listing = listingOf(5000);
    const pages = listObjects(listing.call, PLACE);
    for (const expected of [1000, 2000, 3000]) {
      await pages.next();
      expect(listing.handedOut()).toBe(expected);
    }
    await pages.return(undefined);
    expect(listing.calls()).toBe(3);
  });
});
