/** What a decoder of this project makes of a file. */
export interface Pixels {
  readonly pixels: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  /** Width of a pixel over its height. */
  readonly shape: number;
  /** False where the file ends before the picture does; what is missing is white. */
  readonly isComplete: boolean;
}

/** A picture has more pixels than a limit. */
export class TooManyPixels extends RangeError {}

/** A white picture to decode into. @throws RangeError for sides that no picture has, TooManyPixels over the limit. */
export function pixelsOf<C extends 1 | 3 | 4>(size: {
  readonly width: number;
  readonly height: number;
  readonly channels: C;
  readonly maxPixels: number;
}): { pixels: Buffer; width: number; height: number; channels: C } {
  const { width, height, channels, maxPixels } = size;
  if (!(width >= 1 && height >= 1)) throw new RangeError(`a picture of ${width}×${height} px`);
  if (width * height > maxPixels)
    throw new TooManyPixels(`${width}×${height} px, at most ${maxPixels} of this kind`);
  return { pixels: Buffer.alloc(width * height * channels, 255), width, height, channels };
}
