/**
 * How an image misbehaves, from its environment variable `STAND_IN_FAULT`:
 * - `garbage`: HTTP 200 with nonsense of the same length;
 * - `cut`: half of the text, `finish_reason` `length`;
 * - `errors-after:N`: every completion after N good ones is a 500;
 * - `slow:MS`: every completion takes MS milliseconds more;
 * - `slow-start:MS`: loading takes MS milliseconds more;
 * - `memory:MIB`: loading takes MIB MiB of the container's memory, and keeps them;
 * - `model-missing`: the image holds no model: exit 1 with Hugging Face's message;
 * - `crash-at-start`: exit 1 with a CUDA message instead of becoming ready.
 */
export type Fault =
  | { readonly kind: 'none' | 'garbage' | 'cut' | 'model-missing' | 'crash-at-start' }
  | { readonly kind: 'errors-after'; readonly completions: number }
  | { readonly kind: 'slow' | 'slow-start'; readonly milliseconds: number }
  | { readonly kind: 'memory'; readonly mebibytes: number };

const PLAIN = ['garbage', 'cut', 'model-missing', 'crash-at-start'] as const;
const NUMBERED: Readonly<Record<string, (number: number) => Fault>> = {
  'errors-after': (completions) => ({ kind: 'errors-after', completions }),
  slow: (milliseconds) => ({ kind: 'slow', milliseconds }),
  'slow-start': (milliseconds) => ({ kind: 'slow-start', milliseconds }),
  memory: (mebibytes) => ({ kind: 'memory', mebibytes }),
};

/** @throws Error naming the text and what is known, when the text is no fault. */
export function parseFault(text: string | undefined): Fault {
  if (text === undefined || text === '') return { kind: 'none' };
  const plain = PLAIN.find((kind) => kind === text);
  if (plain) return { kind: plain };
  const [, name = '', number] = /^([a-z-]+):(\d+)$/.exec(text) ?? [];
  const numbered = NUMBERED[name]?.(Number(number));
  if (numbered) return numbered;
  const known = [...PLAIN, ...Object.keys(NUMBERED).map((each) => `${each}:N`)].join(', ');
  throw new Error(`STAND_IN_FAULT: unknown fault '${text}'; known: ${known}`);
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
