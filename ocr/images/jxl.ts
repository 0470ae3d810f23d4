import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inThread } from './inThread';
import { TooManyPixels } from './pixels';

/** As much of jxl-oxide-wasm as is used here. */
interface Library {
  default(options: { module_or_path: Uint8Array }): Promise<unknown>;
  readonly JxlImage: new () => {
    forceSrgb: boolean;
    feedBytes(bytes: Uint8Array): number;
    tryInit(): boolean;
    readonly width?: number;
    readonly height?: number;
    render(frame?: number): { encodeToPng(): Uint8Array };
  };
}
interface Job {
  readonly program: Uint8Array;
  readonly bytes: Uint8Array;
  readonly maxPixels: number;
}
type Reply =
  | { readonly png: Uint8Array }
  | { readonly width: number; readonly height: number }
  | { readonly failed: string };

/** It decodes into floats: 11 megapixels took 330 MB (measured). */
const MOST_PIXELS = 30_000_000;

/**
 * Decodes JPEG XL: jxl-oxide in WebAssembly, in a thread of its own, as a PNG in sRGB of the file's depth. The first frame.
 * @throws Error for a file that cannot be decoded, TooManyPixels over the limit.
 */
export async function decodeJxl(bytes: Buffer, maxPixels: number): Promise<Buffer> {
  const folder = dirname(require.resolve('jxl-oxide-wasm/package.json'));
  const library = pathToFileURL(join(folder, 'jxl_oxide_wasm.js')).href;
  const most = Math.min(MOST_PIXELS, maxPixels);
  const job: Job = {
    program: await readFile(join(folder, 'jxl_oxide_wasm_bg.wasm')),
    bytes,
    maxPixels: most,
  };
  // The library is an ES module; only the thread's own text can import one from here.
  const reply = await inThread<Reply>(`import(${JSON.stringify(library)}).then(${work.toString()})`, job);
  if ('failed' in reply) throw new Error(`jxl-oxide cannot decode it: ${reply.failed}`);
  if ('png' in reply) return Buffer.from(reply.png);
  throw new TooManyPixels(`${reply.width}×${reply.height} px, at most ${most} of this kind`);
}

/** Runs in the thread, as text: it may name nothing of this file. */
async function work(library: Library): Promise<void> {
  // The bundler puts a function of its own in the place of `require`.
  const thread = process.getBuiltinModule('node:worker_threads');
  const { program, bytes, maxPixels } = thread.workerData as Job;
  const answer = (reply: Reply) => thread.parentPort?.postMessage(reply);
  try {
    await library.default({ module_or_path: program });
    const image = new library.JxlImage();
    image.forceSrgb = true;
    image.feedBytes(bytes);
    const { width = 0, height = 0 } = image.tryInit() ? image : {};
    if (width * height === 0) answer({ failed: 'no header' });
    else if (width * height > maxPixels) answer({ width, height });
    else answer({ png: image.render().encodeToPng() });
  } catch (error) {
    answer({ failed: String(error) });
  }
}
