import { DEFAULT_MODEL } from '../../domain/models';
import { createOcrClient, type OcrClient, PageText, ReadPageOptions } from '../../ocr/client';
import { encodePage, type PreparedPage, preparePage } from '../../ocr/page';
import { createPageReader } from '../../ocr/reader';
import { failureOfStatus, pageInterrupted } from '../../ocr/serviceFailure';
import { dateClock } from './dateClock';
import { scan } from './documents';
import { startService } from './service';

const answer = (text: string, finishReason = 'stop'): PageText => ({
  text,
  finishReason,
  imageTokens: 100,
  completionTokens: 50,
  seconds: 2,
});
const ROOM = 60;
const WHOLE = answer('# A page');
const CUT = answer('half of a pa', 'length');
const LOOP = answer('again and again '.repeat(40), 'length');

let page: PreparedPage;
beforeAll(async () => void (page = await preparePage(await scan(1100, 1540))));

function reading(...answers: readonly (PageText | Error)[]) {
  const requests: { width: number; options: ReadPageOptions | undefined }[] = [];
  let seconds = 0;
  const client: OcrClient = {
    baseUrl: 'https://ocr.invalid',
    model: 'm',
    ocrModel: DEFAULT_MODEL,
    models: async () => ['m'],
    servedModels: async () => [{ name: 'm' }],
    roomForText: () => ROOM,
    async readPage({ width }, _signal, options) {
      const next = answers[Math.min(requests.push({ width, options }), answers.length) - 1];
      seconds += WHOLE.seconds;
      if (next instanceof Error) throw next;
      return next as PageText;
    },
  };
  const clock = { now: () => new Date(seconds * 1000), sleep: async () => undefined };
  const read = (from = page) => createPageReader(client, clock).read(from);
  return { read, requests, client };
}

/** A page of stripes from top to bottom: no row of it is blank. */
const striped = () => {
  const [width, height] = [1100, 1540];
  const pixels = Buffer.from(
    Array.from({ length: width * height }, (_pixel, at) => (at % 20 < 10 ? 0 : 200)),
  );
  return encodePage({ pixels, width, height, channels: 1 });
};

describe('createPageReader', () => {
  test('a whole page takes one request', async () => {
    const { read, requests } = reading(WHOLE);
    expect(await read()).toEqual({ ...WHOLE, status: 'whole', attempts: 1, warnings: [] });
    expect(requests).toEqual([{ width: 1100, options: undefined }]);
  });

  test('a cut page is read again in two halves, no pixel of it smaller', async () => {
    const { read, requests } = reading(CUT, answer('# The upper half'), answer('The lower half.'));
    const result = await read(await striped());
    expect(result).toMatchObject({ text: '# The upper half\nThe lower half.', status: 'whole' });
    expect(result).toMatchObject({ attempts: 3, seconds: 6, imageTokens: 200, completionTokens: 100 });
    expect(result.warnings[1]).toBe('read whole with 2 slices');
    expect(requests.map(({ width }) => width)).toEqual([1100, 1100, 1100]);
    const [upper, lower] = result.slices!;
    expect(upper).toMatchObject({ top: 0, status: 'whole', finishReason: 'stop' });
    // No row is blank: the halves overlap, and together they are the page.
    expect(lower!.top).toBeLessThan(upper!.height);
    expect(lower!.top + lower!.height).toBe(1540);
  });

  test('lines that two overlapping halves both have are there once', async () => {
    const [one, two, three, four] = ['Total of goods', '12 apples 3.40', '7 pears 2.10', 'Thank you'];
    const { read } = reading(
      CUT,
      answer([one, two, three, 'Thak'].join('\n')),
      answer(['2 aples 3.40', three, four].join('\n')),
    );
    expect((await read(await striped())).text).toBe([one, two, three, four].join('\n'));
  });

  test.each([4096, 8192])(
    'the second try of a cut page may be longer, in a context of %d',
    async (context) => {
      const choices = [{ message: { content: 'half of a pa' }, finish_reason: 'length' }];
      const service = await startService({
        body: { choices, usage: { prompt_tokens: 1, completion_tokens: 50 } },
      });
      const identityToken = async () => 'a-token';
      const options = { baseUrl: service.url, model: 'm', identityToken, maxModelLen: context };
      await createPageReader(createOcrClient(options)).read(page);
      await service.close();
      const [first, again] = service.requests.map(
        ({ body }) => (JSON.parse(body) as { max_tokens: number }).max_tokens,
      );
      expect(again).toBeGreaterThan(first!);
      // Of 1100×847 px at most (half a page and the overlap), in squares of 28; the rest is for the template.
      expect(again).toBeLessThan(context - 40 * 28);
      expect(again).toBeGreaterThan(context - 40 * 31 - 100);
    },
  );

  test('a page whose loop the service ended is read again at another temperature, as it is', async () => {
    const { read, requests } = reading(answer('1. item', 'repetition'), WHOLE);
    expect(await read()).toMatchObject({ text: '# A page', status: 'whole', attempts: 2 });
    expect(requests).toEqual([
      { width: 1100, options: undefined },
      { width: 1100, options: { temperature: 0.6 } },
    ]);
  });

  test.each(['abort', 'error', 'later'])(
    'a page that ended with %s is read again, as it is',
    async (reason) => {
      const { read, requests } = reading(WHOLE, pageInterrupted(reason, 'https://ocr.invalid'), WHOLE);
      await read();
      expect(await read()).toMatchObject({ text: '# A page', status: 'whole', warnings: [] });
      expect(requests.map(({ width, options }) => [width, options])).toEqual([
        [1100, undefined],
        [1100, undefined],
        [1100, undefined],
      ]);
    },
  );

  test('a page whose halves are cut too is truncated, never whole', async () => {
    const { read, requests } = reading(CUT);
    const result = await read();
    expect(result).toMatchObject({
      text: 'half of a pa',
      status: 'truncated',
      finishReason: 'length',
      attempts: 3,
    });
    expect(result.warnings).toEqual([
      'the text is cut after 50 tokens (finish_reason length)',
      expect.stringContaining('no better with 2 slices'),
    ]);
    expect(requests).toHaveLength(3);
  });

  test.each([
    ['truncated', CUT],
    ['repetitive', LOOP],
  ])('a page stays %s when the service fails at its second try', async (status, first) => {
    const ill = failureOfStatus({ status: 403, headers: new Headers(), body: '' }, 'https://ocr.invalid');
    const { read } = reading(first, ill);
    const result = await read();
    expect(result).toMatchObject({ status, text: first.text, attempts: 2, seconds: 4 });
    expect(result.warnings[1]).toMatch(/^no second try with .*: NOT_AUTHORISED$/);
  });

  test('a page that makes the service fail costs the next one time, not its result', async () => {
    const ill = failureOfStatus({ status: 500, headers: new Headers(), body: '' }, 'https://ocr.invalid');
    const requests = [WHOLE, ill, ill, ill, WHOLE];
    const clock = dateClock();
    const client = {
      ...reading(WHOLE).client,
      readPage: async () => {
        const next = requests.shift();
        if (next instanceof Error) throw next;
        return next as PageText;
      },
    };
    const { read } = createPageReader(client, clock);
    await read(page);
    await expect(read(page)).rejects.toMatchObject({ code: 'SERVICE_ERROR' });
    const before = clock.seconds();
    expect(await read(page)).toMatchObject({ status: 'whole', attempts: 1 });
    expect(clock.seconds() - before).toBeGreaterThanOrEqual(29);
    jest.useRealTimers();
  });

  describe('a small page that is cut', () => {
    const small = async () => preparePage(await scan(300, 400));

    test('is read once more, with all the text that fits', async () => {
      const { read, requests } = reading(CUT, WHOLE);
      const warnings = [expect.stringContaining('is cut'), 'read whole with all the text that fits'];
      expect(await read(await small())).toMatchObject({ status: 'whole', warnings });
      expect(requests).toEqual([
        { width: 300, options: undefined },
        { width: 300, options: { maxTokens: Infinity } },
      ]);
    });

    test('is not sent a second time as it was where the first had all of it', async () => {
      const { read, requests } = reading({ ...CUT, completionTokens: ROOM });
      expect(await read(await small())).toMatchObject({ status: 'truncated' });
      expect(requests).toHaveLength(1);
    });
  });

  test.each([
    ['cut', LOOP],
    ['ended by itself', answer('again and again '.repeat(40))],
  ])('a loop that was %s is read once more at another temperature', async (_what, loop) => {
    const { read, requests } = reading(loop, WHOLE);
    expect(await read()).toMatchObject({ text: '# A page', status: 'whole', attempts: 2 });
    expect(requests.map(({ options }) => options)).toEqual([undefined, { temperature: 0.6 }]);
    expect(requests.map(({ width }) => width)).toEqual([1100, 1100]);
  });

  test('a page that loops twice is repetitive, and no warning quotes it', async () => {
    const { read, requests } = reading(LOOP);
    const result = await read();
    expect(result).toMatchObject({ status: 'repetitive', attempts: 2 });
    expect(result.warnings.join()).not.toContain('again');
    expect(requests).toHaveLength(2);
  });

  test('attempts count what was sent again for the service', async () => {
    const ill = failureOfStatus({ status: 500, headers: new Headers(), body: '' }, 'https://ocr.invalid');
    const { read } = reading(ill, CUT, WHOLE);
    expect(await read()).toMatchObject({ status: 'whole', attempts: 4, seconds: 8 });
  });
});
