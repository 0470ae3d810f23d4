import { dirname, join } from 'node:path';
import { inThread } from './inThread';
import { type Pixels, TooManyPixels } from './pixels';

interface Job {
  readonly library: string;
  readonly program: string;
  readonly bytes: Uint8Array;
  readonly maxPixels: number;
}
type Reply =
  | { readonly width: number; readonly height: number; readonly pixels?: Uint8Array }
  | { readonly width: number; readonly height: number; readonly tooMany: true };

/**
 * Decodes HEIC: HEIF whose picture is HEVC, as phones write it. libheif in WebAssembly runs in a thread of its
 * own.
 * @throws Error for a file that cannot be decoded, TooManyPixels over the limit.
 */
export async function decodeHeic(bytes: Buffer, maxPixels: number): Promise<Pixels> {
  const folder = join(dirname(require.resolve('libheif-js')), 'libheif-wasm');
  const job: Job = {
    library: join(folder, 'libheif.js'),
    program: join(folder, 'libheif.wasm'),
    bytes,
    maxPixels,
  };
  const reply = await inThread<Reply>(`(${work.toString()})()`, job);
  const { width, height } = reply;
  if ('tooMany' in reply) throw new TooManyPixels(`${width}×${height} px, at most ${maxPixels} of this kind`);
  if (reply.pixels === undefined) throw new Error('libheif cannot decode it');
  return { pixels: Buffer.from(reply.pixels), width, height, channels: 4, shape: 1, isComplete: true };
}

/** Runs in the thread, as text: it may name nothing of this file. The primary picture, upright. */
function work(): void {
  // The bundler puts a function of its own in the place of `require`.
  const thread = process.getBuiltinModule('node:worker_threads');
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { createRequire } = process.getBuiltinModule('node:module');
  const { library, program, bytes, maxPixels } = thread.workerData as Job;
  interface Image {
    is_primary(): boolean;
    get_width(): number;
    get_height(): number;
    display(
      target: { data: Uint8ClampedArray; width: number; height: number },
      done: (shown: { data: Uint8ClampedArray } | null) => void,
    ): void;
  }
  const load = createRequire(library)(library) as (options: { wasmBinary: Uint8Array }) => {
    HeifDecoder: new () => { decode(file: Uint8Array): Image[] };
  };
  const images = new (load({ wasmBinary: readFileSync(program) }).HeifDecoder)().decode(bytes);
  const image = images.find((one) => one.is_primary()) ?? images[0];
  const [width, height] = [image?.get_width() ?? 0, image?.get_height() ?? 0];
  if (image === undefined || width * height > maxPixels) {
    thread.parentPort?.postMessage({ width, height, ...(image && { tooMany: true }) });
    return;
  }
  image.display({ data: new Uint8ClampedArray(width * height * 4), width, height }, (shown) =>
    thread.parentPort?.postMessage({ width, height, pixels: shown?.data }),
  );
}
