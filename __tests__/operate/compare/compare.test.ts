import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from '../../../operate/compare/compare';
import { comparisonPage } from '../../../operate/compare/page';
import { type Engine, openEngine } from '../../release/engine/engine';

const GOLDEN = join(__dirname, '../../../release/golden');

describe('compare', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  const folder = mkdtempSync(join(tmpdir(), 'compare-'));
  copyFileSync(join(GOLDEN, 'page.png'), join(folder, 'page.png'));
  copyFileSync(join(GOLDEN, 'page.txt'), join(folder, 'page.txt'));

  test('reads the same pages by what serves and by a tagged revision, and moves nothing', async () => {
    const { a, b } = await engine.twoReleases();
    const context = engine.run('somebody');
    const wanted = { candidate: a.revision, pages: folder };
    await expect(compare(context, wanted)).rejects.toMatchObject({ code: 'NO_CANDIDATE', exitCode: 2 });
    const { traffic } = (await context.cloudRun.service())!;
    const tagged = [
      ...traffic,
      { revision: a.revision, tag: 'old', type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION' },
    ];
    await engine.byHand({ traffic: tagged }, 'traffic');
    const found = await compare(context, wanted);
    expect(found.served).toMatchObject({ revision: b.revision, pages: 1, whole: 1 });
    expect(found.candidate).toMatchObject({ revision: a.revision, pages: 1, whole: 1 });
    expect(found.pages[0]).toMatchObject({ page: 1, changed: 0, candidate: { errorRate: 0 } });
    expect((await compare(context, { ...wanted, candidate: found.served.model })).candidate.revision).toBe(
      a.revision,
    );
    expect(comparisonPage(found)).toContain(`<title>${a.revision} against ${b.revision}</title>`);
  });

  test.each([
    ['that is not there', join(folder, 'nobody')],
    ['without a document', mkdtempSync(join(tmpdir(), 'empty-'))],
  ])('rejects a folder %s', async (_what, pages) => {
    await expect(compare(engine.run('somebody'), { candidate: 'a', pages })).rejects.toMatchObject({
      code: 'NO_PAGES',
      exitCode: 2,
    });
  });
});

test('comparisonPage escapes what stands on a page', () => {
  const side = { revision: 's-a', model: 'm', pages: 1, whole: 1, pagesPerSecond: 1 };
  const page = comparisonPage({
    served: side,
    candidate: { ...side, revision: 's-b' },
    pages: [
      {
        document: 'a',
        page: 1,
        served: { status: 'whole' },
        candidate: { status: 'whole' },
        lines: [{ in: 'candidate', line: '<script>alert(1)</script>' }],
      },
    ],
  });
  expect(page).toContain('<div class="candidate">+ &lt;script&gt;');
  expect(page).not.toContain('<script>');
});
