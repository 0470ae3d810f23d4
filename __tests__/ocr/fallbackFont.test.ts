import sharp from 'sharp';
import { openDocument } from '../../ocr/document';
import { eastAsianPdf } from './documents';

const PAGES: [language: string, line: string, collection: string, encoding: string][] = [
  ['Chinese', '本合同由甲乙双方签订', 'GB1', 'UniGB-UCS2-H'],
  ['Japanese', 'これは紛争の管轄である', 'Japan1', 'UniJIS-UCS2-H'],
  ['vertical Japanese', '第一条本契約は東京において締結された', 'Japan1', 'UniJIS-UCS2-V'],
  ['Korean', '대한민국의 주권은 국민에게 있다', 'Korea1', 'UniKS-UCS2-H'],
];

describe('installFallbackFont', () => {
  test.each(PAGES)('draws %s whose font is not embedded', async (_language, line, collection, encoding) => {
    const pdf = await openDocument(eastAsianPdf([line, line], collection, encoding), { forceOcr: true });
    const page = await pdf.page(1);
    const { channels } = await sharp(page.kind === 'image' ? page.image.data : undefined).stats();
    expect(channels[0]!.min).toBeLessThan(80);
    // Each of these signs covers more than a tenth of its square of 14 points.
    const inked = 1 - channels[0]!.mean / 255;
    expect(inked).toBeGreaterThan((2 * line.replaceAll(' ', '').length * 14 ** 2 * 0.1) / (612 * 792));
  });

  const horizontal = PAGES.filter(([, , , encoding]) => !encoding.endsWith('-V'));

  test.each(horizontal)('its text layer has all of the %s', async (_language, line, collection, encoding) => {
    const pdf = await openDocument(eastAsianPdf([line, line], collection, encoding));
    const page = await pdf.page(1);
    expect(page).toMatchObject({ kind: 'text', text: `${line}\n${line}` });
  });
});
