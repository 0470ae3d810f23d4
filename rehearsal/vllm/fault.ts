/**
 * How an image misbehaves, from its environment variable `STAND_IN_FAULT`:
 * - `garbage`: HTTP 200 with nonsense of the same length;
 * - `cut`: half of the text, `finish_reason` `length`;
 * - `errors-after:N`: every completion after N good ones is a 500;
 * - `slow:MS`: every completion takes MS milliseconds more;
 * - `crash-at-start`: exit 1 with a CUDA message instead of becoming ready.
 */
export type Fault =
  | { readonly kind: 'none' | 'garbage' | 'cut' | 'crash-at-start' }
  | { readonly kind: 'errors-after'; readonly completions: number }
  | { readonly kind: 'slow'; readonly milliseconds: number };

/** @throws Error naming the text and what is known, when the text is no fault. */
export function parseFault(text: string | undefined): Fault {
  if (text === undefined || text === '') return { kind: 'none' };
  if (text === 'garbage' || text === 'cut' || text === 'crash-at-start') return { kind: text };
  const [, kind, number] = /^(errors-after|slow):(\d+)$/.exec(text) ?? [];
  if (kind === 'errors-after') return { kind, completions: Number(number) };
  if (kind === 'slow') return { kind, milliseconds: Number(number) };
  throw new Error(
    `STAND_IN_FAULT: unknown fault '${text}'; known: garbage, cut, crash-at-start, errors-after:N, slow:MS`,
  );
}

/** Nonsense with the shape of the text: every letter moves 13 places and every digit 5; the rest stays. */
export function garbled(text: string): string {
  const shift = (base: number, size: number, by: number) => (character: string) =>
    String.fromCharCode(((character.charCodeAt(0) - base + by) % size) + base);
  return text
    .replace(/[a-z]/g, shift(97, 26, 13))
    .replace(/[A-Z]/g, shift(65, 26, 13))
    .replace(/[0-9]/g, shift(48, 10, 5));
}
