/** Texts and places of the golden pages that are drawn; every word of them was written for this project. */
export interface Drawn {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** In the order of reading; a page's text is these, a line each. `join` puts one on the line of the one before. */
  readonly words: readonly Words[];
  /** Straight lines, from and to. */
  readonly rules?: readonly (readonly [x1: number, y1: number, x2: number, y2: number])[];
  readonly scan: Scan;
}

export interface Words {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly pixels: number;
  readonly font?: 'DejaVu Serif' | 'DejaVu Sans';
  readonly bold?: boolean;
  readonly join?: boolean;
}

/** How the page looks after it was scanned. Greys are 0 (black) to 255. */
export interface Scan {
  readonly ink: number;
  /** At the top left and at the bottom right. */
  readonly paper: readonly [number, number];
  readonly degrees: number;
  readonly blurSigma: number;
  /** Share of the pixels that noise moves, by up to `noise` greys. */
  readonly speckled: number;
  readonly noise: number;
  readonly seed: number;
  /** Of the PNG; 2 is black and white. */
  readonly greys: 2 | 16;
}

const SCAN: Scan = {
  ...{ ink: 40, paper: [252, 240], degrees: 0.2, blurSigma: 0.6 },
  ...{ speckled: 0.005, noise: 50, seed: 2, greys: 16 },
};
const A4 = { width: 1089, height: 1540 };

const lines = (text: string, first: Omit<Words, 'text'>, leading: number): Words[] =>
  text
    .trim()
    .split('\n')
    .map((line, at) => ({ ...first, text: line.trim(), y: first.y + at * leading }));

/** Cells of a row share its line. */
const row = (cells: readonly string[], columns: readonly number[], of: Omit<Words, 'text' | 'x'>): Words[] =>
  cells.map((text, at) => ({ ...of, text, x: columns[at]!, join: at > 0 }));

const SMALL_PRINT = `
Terms of carriage. 1. The carrier takes over the goods when the receipt is signed and hands them over
against the same receipt. 2. A claim for damage that can be seen must be written on the receipt; one
that cannot be seen must reach us within seven days. 3. The carrier is not liable for delay caused by
ice, flood, strike or an order of an authority. 4. Liability ends at 8.33 units of account for each
kilogram of the gross weight, unless a higher value was declared and the surcharge of 0.4 percent was
paid. 5. Goods that nobody collects within thirty days may be sold; what remains after storage and
costs is kept for the owner for three years. 6. Oral agreements are not valid. 7. The courts at the
seat of the carrier decide. If one of these terms is void, the others stay in force.`;

const LEFT_COLUMN = `
The old ferry stops today
After ninety-one years the
ferry across the Marl makes
its last trip this evening at
18:40. The new bridge, open
since May, carries more cars
in an hour than the boat did
in a day.`;
const RIGHT_COLUMN = `
Rain fills the reservoirs
The water board reports that
both reservoirs stand at 87
percent. Last year it was 52
percent in the same week.
Gardens may be watered again
from Monday, except between
noon and six.`;

const TABLE_COLUMNS = [130, 430, 610, 800];
const TABLE = [
  ['Station', 'January', 'April', 'July'],
  ['Northgate', '3.7', '9.8', '19.4'],
  ['Harbour', '4.6', '10.2', '18.7'],
  ['Old Mill', '2.2', '9.1', '20.3'],
  ['Airfield', '1.9', '8.7', '21.0'],
  ['Summit', '5.4', '12.6', '15.5'],
];
const TABLE_TOP = 260;
const ROW_HEIGHT = 56;

const FORM = [
  ['Family name', 'Okonkwo'],
  ['Given name', 'Daniela'],
  ['Date of birth', '4 May 1987'],
  ['Street', '27 Quarry Lane'],
  ['Town', 'Lower Aldham'],
  ['Card number', '5520 8841'],
];
const FORM_TOP = 270;

const SCHEDULE_COLUMNS = [140, 420, 760, 1130];
const SCHEDULE = [
  ['Platform', 'Departure', 'Destination', 'Remarks'],
  ['1', '07:15', 'Kestrel Bay', 'not on Sundays'],
  ['4', '07:42', 'Millbrook', 'front carriages only'],
  ['2', '08:05', 'Great Haddon', 'bicycles allowed'],
  ['7', '08:30', 'Port Ellery', 'change at Haddon'],
];

const LOW_CONTRAST = `
Notice to all tenants
The lift in the east wing will be out of service from
Tuesday, 9 June, until Friday, 12 June. A second lift
can be reached through the courtyard. Deliveries of more
than 40 kg must be announced to the caretaker one day
ahead, by telephone at extension 318.`;

const SKEWED = `
Minutes of the meeting of 21 October
Present were eleven members. The treasurer reported an
income of 8,412 and expenses of 7,965, which leaves 447.
The roof of the boat house is to be mended before winter;
two offers have come in and a third one is expected.
The next meeting is on 18 November at 19:30.`;

/** The set without the letter, whose text is a file. */
export const DRAWN: readonly Drawn[] = [
  {
    ...A4,
    name: 'small-print',
    words: lines(SMALL_PRINT, { x: 120, y: 160, pixels: 16 }, 24),
    scan: SCAN,
  },
  {
    ...A4,
    name: 'table',
    words: [
      { text: 'Mean temperatures in degrees', x: 130, y: 180, pixels: 30, font: 'DejaVu Sans', bold: true },
      ...TABLE.flatMap((cells, at) =>
        row(cells, TABLE_COLUMNS, {
          ...{ y: TABLE_TOP + 37 + at * ROW_HEIGHT, pixels: 24, bold: at === 0 },
          font: 'DejaVu Sans',
        }),
      ),
    ],
    rules: Array.from({ length: TABLE.length + 1 }, (_, at) => {
      const y = TABLE_TOP + at * ROW_HEIGHT;
      return [110, y, 960, y] as const;
    }),
    scan: { ...SCAN, seed: 3 },
  },
  {
    ...A4,
    name: 'two-columns',
    words: [
      ...lines(LEFT_COLUMN, { x: 100, y: 200, pixels: 24 }, 38),
      ...lines(RIGHT_COLUMN, { x: 620, y: 200, pixels: 24 }, 38),
    ],

    scan: { ...SCAN, seed: 4 },
  },
  {
    ...A4,
    name: 'form',
    words: [
      { text: 'Application for a library card', x: 120, y: 180, pixels: 30, font: 'DejaVu Sans', bold: true },
      ...FORM.flatMap(([label = '', value = ''], at) =>
        [label, value].map((text, part) => ({
          ...{ text, x: 120 + part * 300, y: FORM_TOP + at * 64, pixels: 24, join: part > 0 },
          font: part === 0 ? ('DejaVu Sans' as const) : ('DejaVu Serif' as const),
        })),
      ),
    ],
    rules: FORM.map((_, at) => [410, FORM_TOP + 12 + at * 64, 900, FORM_TOP + 12 + at * 64] as const),
    scan: { ...SCAN, seed: 5 },
  },
  {
    ...{ name: 'landscape', width: A4.height, height: A4.width },
    words: [
      { text: 'Departures on weekdays', x: 140, y: 170, pixels: 34, font: 'DejaVu Sans', bold: true },
      ...SCHEDULE.flatMap((cells, at) =>
        row(cells, SCHEDULE_COLUMNS, { y: 270 + at * 66, pixels: 26, font: 'DejaVu Sans' }),
      ),
    ],
    scan: { ...SCAN, seed: 6 },
  },
  {
    ...A4,
    name: 'low-contrast',
    words: lines(LOW_CONTRAST, { x: 120, y: 200, pixels: 25 }, 42),
    scan: { ...SCAN, ink: 150, paper: [214, 200], seed: 7, noise: 20 },
  },
  {
    ...A4,
    name: 'skewed-and-noisy',
    words: lines(SKEWED, { x: 130, y: 230, pixels: 26 }, 46),
    scan: { ...SCAN, degrees: 2.2, blurSigma: 0.9, speckled: 0.012, noise: 250, seed: 8, greys: 2 },
  },
];

/** The letter, from its text, as it was scanned. */
export const letter = (text: string): Drawn => ({
  ...A4,
  name: 'page',
  words: text
    .trimEnd()
    .split('\n')
    .map((line, at) => ({ text: line, x: 110, y: 150 + at * 34, pixels: 21 })),
  scan: { ...SCAN, ink: 43, paper: [251, 217], degrees: 0.4, blurSigma: 0.7, speckled: 0.02 },
});

/** What stands on a page, in the order of reading. */
export const textOf = ({ words }: Drawn): string =>
  words
    .map(({ text, join }, at) => `${at === 0 ? '' : join ? ' ' : '\n'}${text}`)
    .join('')
    .concat('\n');
