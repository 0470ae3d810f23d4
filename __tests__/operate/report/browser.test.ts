import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { revisionsOf } from '../../../domain/releases/report';
import { reportPage } from '../../../operate/report/page';
import { REPORT } from './example';

/** The Chromium of the machine, or none: then these count as skipped. */
function browserPath(): string | undefined {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // The next name.
    }
  }
  return undefined;
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const executablePath = browserPath();
const inBrowser = executablePath === undefined ? describe.skip : describe;
/** The smallest phone in wide use, a tablet upright, a small laptop and a desk. */
const SCREENS = {
  phone: { width: 360, height: 740 },
  tablet: { width: 820, height: 1180 },
  laptop: { width: 1024, height: 768 },
  desk: { width: 1440, height: 900 },
} as const;
const NAMES = Object.keys(SCREENS) as (keyof typeof SCREENS)[];
const SCHEMES = ['light', 'dark'] as const;
/** Kept for people to look at. */
const PICTURES = join(__dirname, '../../../dist/screenshots');

inBrowser('a report in headless Chromium', () => {
  let browser: Browser;
  let file: string;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    });
    file = join(mkdtempSync(join(tmpdir(), 'report-')), 'report.html');
    writeFileSync(file, reportPage(REPORT));
  });
  afterAll(() => browser?.close());

  async function open(
    screen: keyof typeof SCREENS,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; problems: string[] }> {
    const problems: string[] = [];
    const page = await browser.newPage({ viewport: SCREENS[screen], colorScheme });
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) problems.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    return { page, problems };
  }

  test.each(NAMES)('fits a %s without scrolling sideways, and complains of nothing', async (screen) => {
    const { page, problems } = await open(screen);
    const width = await page.locator('html').evaluate((html) => html.scrollWidth);
    expect(width).toBeLessThanOrEqual(SCREENS[screen].width);
    expect(problems).toEqual([]);
  });

  test.each(NAMES)('has three plots that can be read on a %s', async (screen) => {
    const { page } = await open(screen);
    const plots = page.locator('figure svg:visible');
    expect(await plots.count()).toBe(3);
    for (const plot of await plots.all()) {
      const box = (await plot.boundingBox())!;
      expect(box.width).toBeGreaterThan(SCREENS[screen].width * 0.6);
      const letters = await plot
        .locator('text')
        .evaluateAll((texts) =>
          texts
            .map((text) => text.getBoundingClientRect())
            .map(({ height, left, right }) => ({ height, left, right })),
        );
      expect(letters.length).toBeGreaterThan(4);
      // 11 CSS pixels is what Lighthouse calls too small to read (it asks for 12; a line's box is higher than its letters).
      expect(Math.min(...letters.map(({ height }) => height))).toBeGreaterThan(11);
      expect(letters.filter(({ left, right }) => left < box.x - 1 || right > box.x + box.width + 1)).toEqual(
        [],
      );
    }
  });

  test.each(NAMES.flatMap((screen) => SCHEMES.map((scheme) => [screen, scheme] as const)))(
    'can be read on a %s, %s: axe finds nothing, and a picture is kept',
    async (screen, scheme) => {
      const { page } = await open(screen, scheme);
      await page.evaluate(AXE);
      const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) })))',
      );
      expect(violations).toEqual([]);
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `report-${screen}-${scheme}.png`), fullPage: true });
    },
  );

  test('answers on the first screen of a phone, and the page is short', async () => {
    const { page } = await open('phone');
    const { y, height } = (await page.locator('.outcome').boundingBox())!;
    expect(y + height).toBeLessThanOrEqual(SCREENS.phone.height);
    const whole = await page.locator('html').evaluate((html) => html.scrollHeight);
    expect(whole).toBeLessThan(5 * SCREENS.phone.height);
  });

  test('prints on a few pages, with its plots and without a cut line', async () => {
    const { page } = await open('desk');
    const pdf = await page.pdf({ format: 'A4' });
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? [];
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.length).toBeLessThanOrEqual(4);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('figure svg:visible').count()).toBe(3);
  });

  test('prints its key without the backgrounds that a browser leaves out', async () => {
    const { page } = await open('desk');
    await page.emulateMedia({ media: 'print' });
    await page.addStyleTag({ content: '* { background: none !important; }' });
    const key = page.locator('ul.key li');
    expect(await key.count()).toBe(revisionsOf(REPORT).length);
    for (const line of await key.all()) {
      const box = (await line.boundingBox())!;
      const clip = { x: box.x, y: box.y, width: 30, height: box.height };
      const { channels } = await sharp(await page.screenshot({ clip })).stats();
      // 255 would be white paper.
      expect(Math.min(...channels.map(({ min }) => min))).toBeLessThan(128);
    }
  });
});
