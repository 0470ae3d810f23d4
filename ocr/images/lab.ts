/** D50, the white of CIELab in TIFF (TIFF 6.0, section 23) and ICC. */
const WHITE = [0.9642, 1, 0.8249] as const;
/** XYZ of D50 to linear sRGB, adapted by Bradford (http://www.brucelindbloom.com). */
const TO_RGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

/** Pixels of 8-bit CIELab as sRGB: L* from 0 to 255 for 0 to 100, a* and b* in two's complement. */
export function labToRgb(pixels: Uint8Array): Buffer {
  const rgb = Buffer.allocUnsafe(pixels.length);
  for (let at = 0; at + 2 < pixels.length; at += 3) {
    const y = ((pixels[at]! / 255) * 100 + 16) / 116;
    const x = y + signed(pixels[at + 1]!) / 500;
    const z = y - signed(pixels[at + 2]!) / 200;
    const xyz = [x, y, z].map((value, axis) => cube(value) * WHITE[axis]!);
    TO_RGB.forEach((row, colour) => {
      const linear = row.reduce((sum, factor, axis) => sum + factor * xyz[axis]!, 0);
      rgb[at + colour] = Math.round(255 * Math.min(1, Math.max(0, gamma(linear))));
    });
  }
  return rgb;
}

const signed = (byte: number) => (byte < 128 ? byte : byte - 256);
const cube = (value: number) => (value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29));
const gamma = (linear: number) =>
  linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
