import { PDFDocument, StandardFonts } from 'pdf-lib';
import { scan } from './documents';

interface Picture {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Page {
  readonly lines: readonly (readonly [x: number, y: number, text: string])[];
  readonly fontSize?: number;
  readonly size?: [width: number, height: number];
  /** Operators of a content stream. */
  readonly drawn?: string;
  readonly picture?: Picture;
}

const range = (length: number) => Array.from({ length }, (_, at) => at);

/** Four curves, as plots and drawing programs write a dot. */
function circle(x: number, y: number, r: number): string {
  const k = 0.5523 * r;
  return [
    `${x + r} ${y} m`,
    `${x + r} ${y + k} ${x + k} ${y + r} ${x} ${y + r} c`,
    `${x - k} ${y + r} ${x - r} ${y + k} ${x - r} ${y} c`,
    `${x - r} ${y - k} ${x - k} ${y - r} ${x} ${y - r} c`,
    `${x + k} ${y - r} ${x + r} ${y - k} ${x + r} ${y} c f\n`,
  ].join(' ');
}

/** A closed outline of so many curves: as unlike a line or a box as a letter is. */
const outline = (x: number, y: number, curves: number, paint = 'f'): string =>
  `${x} ${y} m ${range(curves)
    .map((at) => `${x} ${y + 8} ${x + 5} ${y + 8} ${x + (at % 6)} ${y + ((at * 3) % 9)} c`)
    .join(' ')} h ${paint}\n`;

const SENTENCE = 'It was agreed that the accounts should be examined by two members before the';
const LINE = 'The accounts of the parish, examined';

function table(): Page {
  const cells = range(320).map((at) => [40 + (at % 8) * 66, 740 - Math.floor(at / 8) * 17] as const);
  const side = (x: number, y: number, dx: number, dy: number) => `${x} ${y} m ${x + dx} ${y + dy} l S\n`;
  return {
    lines: cells.map(([x, y], at) => [x + 4, y + 4, `n${at % 90}`]),
    drawn: cells
      .map(
        ([x, y]) => side(x, y, 66, 0) + side(x, y, 0, 17) + side(x + 66, y, 0, 17) + side(x, y + 17, 66, 0),
      )
      .join(''),
  };
}

/** Ordinary pages of programs, all of whose text is in the layer. */
export const ORDINARY: Readonly<Record<string, Page>> = {
  'a table with four lines a cell': table(),
  'a paper with a plot of 4000 marks': {
    lines: range(40).map((at) => [at < 20 ? 40 : 320, 740 - (at % 20) * 12, SENTENCE]),
    fontSize: 6,
    drawn: range(4000)
      .map((at) => circle(50 + (at % 80) * 6, 60 + Math.floor(at / 80) * 6, 2))
      .join(''),
  },
  'a table of contents with drawn leaders': {
    lines: range(24).map((at) => [40, 740 - 25 * at, `Chapter ${at}: ${LINE.slice(0, 26)}`]),
    drawn: range(1800)
      .map((at) => circle(300 + (at % 75) * 3, 740 - Math.floor(at / 75) * 25, 0.5))
      .join(''),
  },
  'a boarding pass with a drawn code and a drawn name': {
    lines: range(5).map((at) => [40, 740 - 25 * at, LINE]),
    drawn: range(545)
      .map((at) => `${300 + (at % 25) * 4} ${300 + Math.floor(at / 25) * 4} 4 4 re f\n`)
      .concat(range(12).map((at) => outline(300 + at * 8, 500, 4 + at)))
      .join(''),
  },
  'an invoice under a letterhead that bleeds off the page': {
    lines: range(7).map((at) => [40, 600 - 25 * at, LINE.slice(0, 26)]),
    picture: { x: -612, y: 697, width: 1836, height: 190 },
  },
  'a slide with a photo': {
    lines: range(5).map((at) => [40, 400 - 40 * at, LINE.slice(0, 28)]),
    size: [960, 540],
    picture: { x: 560, y: 80, width: 380, height: 382 },
  },
  'the title page of a report with a photo': {
    lines: [
      [40, 740, 'Annual report of the company, year 2024'],
      [40, 700, 'Revised'],
    ],
    picture: { x: 40, y: 100, width: 532, height: 410 },
  },
};

/** Under a heading 300 outlines in a dozen shapes, a letter's size times the scale. */
const outlines = (paint: 'f', scale: number): Page => ({
  lines: [[40, 740, 'Annual report of the company for the year 2024']],
  drawn: `${scale} 0 0 ${scale} 0 0 cm\n${range(300)
    .map((at) => outline((at % 60) * 8, Math.floor(at / 60) * 14, 4 + (at % 12), paint))
    .join('')}`,
});

/** 300 outlines of letters that are painted together. */
export const outlinesAsOnePath = (): string =>
  `${range(300)
    .map((at) => outline(60 + (at % 60) * 8, 500 + Math.floor(at / 60) * 14, 4 + (at % 12), ''))
    .join('')} f\n`;

/** Text that a program has drawn as outlines. */
export const OUTLINED = outlines('f', 1);
/** Drawings without letters: lines, the areas of a map, its dots. */
export const DRAWINGS: Readonly<Record<string, Page>> = {
  'lines of a chart': {
    ...outlines('f', 1),
    drawn: range(12)
      .map((line) =>
        range(60)
          .map(
            (at) =>
              `${40 + at * 9} ${100 + 40 * line + ((at * at * (line + 3)) % 37)} ${at === 0 ? 'm' : 'l'}`,
          )
          .join(' '),
      )
      .join(' S\n')
      .concat(' S\n'),
  },
  'areas of a map': outlines('f', 10),
  'dots of a map': outlines('f', 0.25),
};

/** A PDF of one such page. */
export async function pagePdf({
  lines,
  fontSize = 10,
  size = [612, 792],
  drawn,
  picture,
}: Page): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const page = pdf.addPage(size);
  if (picture) page.drawImage(await pdf.embedJpg(await scan()), picture);
  for (const [x, y, text] of lines) page.drawText(text, { x, y, size: fontSize, font });
  if (drawn !== undefined) page.node.addContentStream(pdf.context.register(pdf.context.stream(drawn)));
  return Buffer.from(await pdf.save());
}
