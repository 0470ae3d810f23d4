import { type Grey, inkOf, type Piece, piecesOf } from './ink';

/** Height of a letter in pixels, at some 100 dots an inch: 4 to 40 points. */
const LETTER = { least: 5, most: 56 };
/** Gaps between the letters and words of a line, in letter heights. */
const MOST_GAP = 2;
/** A line has so many pieces and letters, and they are of so many sizes: dots, dashes and marks of a plot come in one or two. */
const LEAST_PIECES = 4;
const LEAST_LETTERS = 6;
const LEAST_SIZES = 3;
/** Share of a line's pieces that stand on its baseline or hang from its top. */
const LEAST_ALIGNED = 0.6;

/**
 * About how many letters a picture shows, of any script, printed in lines: pieces of ink of a letter's size, side by side on a
 * common line, upright or turned by a quarter. Photographs, plots, rules and logos have few such lines.
 * @param picture a page with a longest side of some 1100 pixels.
 */
export function pictureLetters(picture: Grey): number {
  const pieces = piecesOf(inkOf(picture), picture.width, picture.height);
  const upright = lettersIn(pieces);
  const turned = lettersIn(pieces.map(quarterTurn));
  return Math.max(upright, turned);
}

const quarterTurn = ({ left, top, right, bottom, pixels, runs }: Piece): Piece => ({
  left: top,
  top: left,
  right: bottom,
  bottom: right,
  pixels,
  // Strokes of the other direction are not counted; a letter has about as many.
  runs: (runs * (right - left)) / (bottom - top),
});

function lettersIn(pieces: readonly Piece[]): number {
  return linesOf(pieces.filter(isLetters))
    .filter(isPrint)
    .reduce((sum, line) => sum + lettersOf(line), 0);
}

/** A letter, or a word whose letters touch. */
function isLetters({ left, top, right, bottom, pixels }: Piece): boolean {
  const [width, height] = [right - left, bottom - top];
  if (height < LETTER.least || height > LETTER.most || width > 14 * height) return false;
  const filled = pixels / (width * height);
  return filled > 0.12 && (filled < 0.85 || width < height);
}

/** Pieces side by side, at about the same height. */
function linesOf(pieces: readonly Piece[]): Piece[][] {
  const lines: Piece[][] = [];
  /** Lines by where their last piece stands. */
  const open = new Map<number, Piece[][]>();
  const slot = ({ top, bottom }: Piece) => (top + bottom) >> 5;
  for (const piece of [...pieces].sort((a, b) => a.left - b.left)) {
    const near = [-2, -1, 0, 1, 2].flatMap((step) => open.get(slot(piece) + step) ?? []);
    const line = near.find((candidate) => continues(candidate.at(-1)!, piece));
    if (line === undefined) {
      const started = [piece];
      lines.push(started);
      open.set(slot(piece), [...(open.get(slot(piece)) ?? []), started]);
      continue;
    }
    const from = slot(line.at(-1)!);
    line.push(piece);
    if (from === slot(piece)) continue;
    open.set(
      from,
      open.get(from)!.filter((other) => other !== line),
    );
    open.set(slot(piece), [...(open.get(slot(piece)) ?? []), line]);
  }
  return lines;
}

function continues(last: Piece, piece: Piece): boolean {
  const heights = [last.bottom - last.top, piece.bottom - piece.top] as const;
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const overlap = Math.min(last.bottom, piece.bottom) - Math.max(last.top, piece.top);
  const gap = piece.left - last.right;
  return high < 2.5 * low && overlap > low / 2 && gap < MOST_GAP * high && gap > -high;
}

function isPrint(line: readonly Piece[]): boolean {
  if (line.length < LEAST_PIECES || lettersOf(line) < LEAST_LETTERS) return false;
  const sizes = new Set(line.map(({ left, top, right, bottom }) => `${right - left} ${bottom - top}`));
  if (sizes.size < LEAST_SIZES) return false;
  const height = median(line.map(({ top, bottom }) => bottom - top));
  // Lines of a crooked scan slope: each piece is compared with the ones beside it.
  const aligned = line.filter((piece, at) => {
    const beside = line[at === 0 ? 1 : at - 1]!;
    const off = Math.min(Math.abs(piece.bottom - beside.bottom), Math.abs(piece.top - beside.top));
    return off <= Math.max(1, height / 8);
  });
  return aligned.length >= LEAST_ALIGNED * line.length;
}

/** A word whose letters touch has as many strokes side by side as its letters have. */
function lettersOf(line: readonly Piece[]): number {
  return line.reduce((sum, { left, top, right, bottom, runs }) => {
    const byWidth = (right - left) / (0.6 * (bottom - top));
    const byStrokes = runs / (bottom - top) / 1.5;
    return sum + Math.max(1, Math.round(Math.min(byWidth, byStrokes)));
  }, 0);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
