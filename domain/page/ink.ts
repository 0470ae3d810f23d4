/** A grey bitmap: one byte a pixel, row by row, 0 black to 255 white. */
export interface Grey {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Side of the squares whose commonest shade is their background: larger than letters, smaller than pictures. */
const TILE = 64;
/** Shades are told apart in steps of 16. */
const SHIFT = 4;
/** Print on a grey or yellowed ground differs by 100 and more, paper's grain by less than 30. */
const LEAST_CONTRAST = 48;

/** Where something stands out from the ground around it, dark on light or light on dark: 1 for each such pixel. */
export function inkOf({ pixels, width, height }: Grey): Uint8Array {
  const ink = new Uint8Array(pixels.length);
  for (let top = 0; top < height; top += TILE)
    for (let left = 0; left < width; left += TILE) {
      const right = Math.min(width, left + TILE);
      const bottom = Math.min(height, top + TILE);
      const ground = groundOf(pixels, width, { left, top, right, bottom });
      for (let y = top; y < bottom; y++)
        for (let at = y * width + left; at < y * width + right; at++)
          if (Math.abs(pixels[at]! - ground) > LEAST_CONTRAST) ink[at] = 1;
    }
  return ink;
}

function groundOf(
  pixels: Uint8Array,
  width: number,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
): number {
  const counts = new Uint32Array(256 >> SHIFT);
  for (let y = top; y < bottom; y++)
    for (let at = y * width + left; at < y * width + right; at++) counts[pixels[at]! >> SHIFT]! += 1;
  let commonest = counts.length - 1;
  for (let shade = counts.length - 1; shade >= 0; shade--)
    if (counts[shade]! > counts[commonest]!) commonest = shade;
  return (commonest << SHIFT) + (1 << (SHIFT - 1));
}

/** A connected piece of ink and the box around it; `runs` are its horizontal strokes, row by row. */
export interface Piece {
  left: number;
  top: number;
  /** One past the last column and row. */
  right: number;
  bottom: number;
  pixels: number;
  runs: number;
}

/** Pieces of ink, connected across sides and corners. More than `most` are no print: none are returned. */
export function piecesOf(ink: Uint8Array, width: number, height: number, most = 40_000): Piece[] {
  const pieces: Piece[] = [];
  const parent: number[] = [];
  const rootOf = (label: number): number => {
    let root = label;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = label; at !== root;) {
      const next = parent[at]!;
      parent[at] = root;
      at = next;
    }
    return root;
  };
  /** Runs of the row above and of this one: start, end, label. */
  let above: number[] = [];
  for (let y = 0; y < height; y++) {
    const row: number[] = [];
    let next = 0;
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x] === 0) continue;
      const start = x;
      while (x < width && ink[y * width + x] === 1) x++;
      let label = -1;
      while (next < above.length && above[next + 1]! < start) next += 3;
      for (let at = next; at < above.length && above[at]! <= x; at += 3) {
        const touched = rootOf(above[at + 2]!);
        if (label === -1) label = touched;
        else if (touched !== label) parent[touched] = label;
      }
      if (label === -1) {
        label = pieces.length;
        if (label >= 10 * most) return [];
        parent.push(label);
        pieces.push({ left: start, top: y, right: x, bottom: y + 1, pixels: 0, runs: 0 });
      }
      const piece = pieces[label]!;
      piece.left = Math.min(piece.left, start);
      piece.right = Math.max(piece.right, x);
      piece.bottom = y + 1;
      piece.pixels += x - start;
      piece.runs += 1;
      row.push(start, x, label);
    }
    above = row;
  }
  const whole = joined(pieces, rootOf);
  return whole.length > most ? [] : whole;
}

function joined(pieces: readonly Piece[], rootOf: (label: number) => number): Piece[] {
  const roots = new Map<number, Piece>();
  pieces.forEach((piece, label) => {
    const root = rootOf(label);
    const known = roots.get(root);
    if (known === undefined) {
      roots.set(root, { ...piece });
      return;
    }
    known.left = Math.min(known.left, piece.left);
    known.top = Math.min(known.top, piece.top);
    known.right = Math.max(known.right, piece.right);
    known.bottom = Math.max(known.bottom, piece.bottom);
    known.pixels += piece.pixels;
    known.runs += piece.runs;
  });
  return [...roots.values()];
}
