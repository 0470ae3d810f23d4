/** One layout block of a page, as LightOnOCR-3 writes it with the prompt `grounding`. */
export interface LayoutBlock {
  /** `title`, `section`, `text`, `list`, `caption`, `footnote`, `header`, `footer`, `page_number`, `table`, `chart`, `formula`, `code`, `image`, or one that a newer model has. */
  readonly label: string;
  /** Left, top, right, bottom; 0 to 1000 on both axes, whatever the image's size. */
  readonly bbox: readonly [number, number, number, number];
  /** Markdown; a table or a chart is HTML. */
  readonly text: string;
  /** It goes on from the block before: `text+`, a paragraph in the next column. */
  readonly continues: boolean;
}

export interface Layout {
  readonly blocks: readonly LayoutBlock[];
  /** What stood before the first block. Empty but for a model that did not do as it was asked. */
  readonly before: string;
}

const NUMBER = String.raw`\s*(-?\d+(?:\.\d+)?)\s*`;
/** `![label](x1,y1,x2,y2)`; an image of plain Markdown has an address there. */
const MARKER = new RegExp(
  String.raw`!\[([A-Za-z_][\w-]*)(\+?)\]\(${[NUMBER, NUMBER, NUMBER, NUMBER].join(',')}\)[ \t]*`,
  'g',
);
/** A marker that was cut with the text. */
const CUT_MARKER = /!\[[\w-]*\+?(?:\](?:\([-\d.,\s]*)?)?$/;

/** On the page's scale, the smaller first, whatever the model wrote. */
function span(one: number, other: number): [number, number] {
  const [from, to] = [one, other].map((value) => Math.min(1000, Math.max(0, Math.round(value))));
  return from! <= to! ? [from!, to!] : [to!, from!];
}

/** The blocks of an answer. Each has the text up to the next marker; no text is lost but half a marker at the end. */
export function layoutOf(answer: string): Layout {
  const text = answer.replace(CUT_MARKER, '');
  const marks = [...text.matchAll(MARKER)];
  const blocks = marks.map((mark, index): LayoutBlock => {
    const [whole, label = '', plus, ...numbers] = mark;
    const [x1, y1, x2, y2] = numbers.map(Number) as [number, number, number, number];
    const [[left, right], [top, bottom]] = [span(x1, x2), span(y1, y2)];
    return {
      label,
      bbox: [left, top, right, bottom],
      text: text.slice(mark.index + whole.length, marks[index + 1]?.index).trim(),
      continues: plus === '+',
    };
  });
  return { blocks, before: text.slice(0, marks[0]?.index).trim() };
}

/** What repeats from page to page and is no part of the text; footnotes are, and stay. */
const RUNNING = new Set([
  'header',
  'footer',
  'page_number',
  'page_header',
  'page_footer',
  'header_image',
  'footer_image',
]);
/** Blocks whose continuation is more lines, not more of a sentence. */
const OF_LINES = new Set(['table', 'chart', 'code', 'list']);

/** The page as Markdown, without headers, footers and page numbers; a block that goes on is joined to what it goes on from. */
export function layoutMarkdown({ blocks, before }: Layout): string {
  const parts = before === '' ? [] : [before];
  for (const { label, text, continues } of blocks) {
    if (RUNNING.has(label) || text === '') continue;
    const last = continues ? parts.pop() : undefined;
    parts.push(last === undefined ? text : `${last}${OF_LINES.has(label) ? '\n' : ' '}${text}`);
  }
  return parts.join('\n\n');
}

/** A block of a slice of a page, on the scale of the whole page of so many rows. */
export function ofSlice(
  block: LayoutBlock,
  { top, height }: { readonly top: number; readonly height: number },
  rows: number,
): LayoutBlock {
  const [left, upper, right, lower] = block.bbox;
  const onPage = (of: number) => Math.round(((top + (of / 1000) * height) / rows) * 1000);
  return { ...block, bbox: [left, onPage(upper), right, onPage(lower)] };
}
