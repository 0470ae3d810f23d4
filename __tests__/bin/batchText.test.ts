import { batchEstimateText } from '../../bin/batchText';
import type { BatchEstimate } from '../../operate/batch/estimate';

const exactly = (value: number) => ({ value, low: value, high: value });
const estimate = (change: Partial<BatchEstimate> = {}): BatchEstimate => ({
  ...{ input: 'gs://docs/in/', out: 'gs://texts/in/', documents: 2_000_000, bytes: 3 * 2 ** 30 },
  kinds: [{ kind: 'pdf', size: 'to 4 MiB', documents: 2_000_000, bytes: 3 * 2 ** 30, read: 40 }],
  passedOver: { empty: 0, archives: 0, tooLarge: 0 },
  pages: { value: 9_000_000, low: 8_000_000, high: 10_000_000 },
  textPages: exactly(0),
  gpuPages: { value: 9_000_000, low: 8_000_000, high: 10_000_000 },
  unreadable: exactly(0),
  room: { gpus: 3, vcpu: 20, memoryGib: 40, source: 'Cloud Quotas' },
  speed: { pagesPerSecond: 0.5, startSeconds: 50, source: 'measured 2026-11-20' },
  rows: [
    {
      what: 'as deployed',
      instances: 1,
      hours: { value: 5, low: 4, high: 6 },
      usd: { value: 7, low: 6, high: 8 },
    },
  ],
  ...change,
});

describe('batchEstimateText', () => {
  test('has intervals where there are any, of pages, time and USD', () => {
    const text = batchEstimateText(estimate());
    expect(text).toMatch(/^2,000,000 documents, 3\.0 GiB, from gs:\/\/docs\/in\/ to gs:\/\/texts\/in\/$/m);
    expect(text).toMatch(/^pages: +9,000,000 \(8,000,000 to 10,000,000\)$/m);
    expect(text).toMatch(/^ {2}by text layer: +0$/m);
    expect(text).toMatch(/^ {2}as deployed +1 +5 h \(4 h to 6 h\) +7\.00 \(6\.00 to 8\.00\)$/m);
    expect(text).not.toMatch(/passed over/);
  });

  test('says what is passed over, and what to do with it', () => {
    const passedOver = { empty: 1, archives: 2, tooLarge: 3 };
    expect(batchEstimateText(estimate({ passedOver }))).toMatch(
      /^passed over: 1 empty file; 2 archives: unpack them first; 3 files over 256 MiB$/m,
    );
  });

  test('says never where no instance fits, and what each row needs', () => {
    const rows = [{ what: 'as deployed', instances: 0, hours: exactly(Infinity), note: 'ask for more' }];
    const text = batchEstimateText(estimate({ rows }));
    expect(text).toMatch(/^ {2}as deployed +0 +never +not known$/m);
    expect(text).toMatch(/^ {2}as deployed: ask for more$/m);
  });
});
