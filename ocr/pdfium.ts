import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PDFiumModule } from '@hyzyla/pdfium';
import { installFallbackFont } from './fallbackFont';
import type { Pdfium } from './pdfiumApi';
import { withLargerTable } from './pdfiumTable';

export type { Pdfium };

/**
 * A new pdfium. Each document has its own: memory in WebAssembly never shrinks, and one that a broken document has wrecked
 * takes no other with it. An instance has at most `maxMemoryBytes`; what asks for more ends it with a
 * `WebAssembly.RuntimeError`.
 */
export async function newPdfium(program: WebAssembly.Module, maxMemoryBytes: number): Promise<Pdfium> {
  let refused = false;
  const instance = await PDFiumModule({
    instantiateWasm: (imports, onSuccess) => {
      const env = (imports as { env: Record<string, (bytes: number) => unknown> }).env;
      const grow = env.emscripten_resize_heap!;
      env.emscripten_resize_heap = (bytes) => {
        refused ||= bytes >>> 0 > maxMemoryBytes;
        return !refused && grow(bytes);
      };
      void WebAssembly.instantiate(program, imports).then((made) =>
        (onSuccess as unknown as (made: WebAssembly.Instance, program: WebAssembly.Module) => void)(
          made,
          program,
        ),
      );
      return {};
    },
  });
  const functions = instance.wasmExports as unknown as Omit<Pdfium, 'memory' | 'isFull'>;
  functions.FPDF_InitLibrary();
  const pdfium = {
    ...functions,
    memory: () => Buffer.from(instance.HEAPU8.buffer),
    isFull: () => refused,
  };
  installFallbackFont(pdfium);
  return pdfium;
}

/** pdfium's program: compiled once a process, and handed to its threads. */
export async function compilePdfium(): Promise<WebAssembly.Module> {
  const folder = dirname(require.resolve('@hyzyla/pdfium'));
  return WebAssembly.compile(withLargerTable(await readFile(join(folder, 'pdfium.wasm'))));
}

/** Memory of pdfium for as long as it is used. */
export function withScratch<T>(pdfium: Pdfium, bytes: number, use: (pointer: number) => T): T {
  const pointer = pdfium.malloc(bytes);
  if (pointer === 0) throw new WebAssembly.RuntimeError('out of memory');
  try {
    return use(pointer);
  } finally {
    pdfium.free(pointer);
  }
}
