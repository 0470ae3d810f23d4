import sharp from 'sharp';

/** Pictures as people have them, made anew: a bar of ink on paper, so that a test can tell where it is. */
export const PAPER = 250;
export const INK = 10;

/** Grey pixels: paper with a bar of ink over the left half of the rows from `from` to `to`. */
export function barPixels(width: number, height: number, from: number, to: number): Buffer {
  const pixels = Buffer.alloc(width * height, PAPER);
  for (let row = from; row < to; row++) pixels.fill(INK, row * width, row * width + width / 2);
  return pixels;
}

export const greyImage = (pixels: Buffer, width: number, height: number) =>
  sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace('b-w');

/** A directory entry of a TIFF: its values, which are inline, or where they stand. */
export type TiffEntry = readonly [tag: number, type: number, count: number, value: number];

export interface TiffFrame {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
  readonly samples?: number;
  readonly photometric?: number;
  readonly bits?: number;
  readonly entries?: readonly TiffEntry[];
  /** Dots per inch. */
  readonly density?: readonly [across: number, down: number];
}

/** An uncompressed little-endian TIFF of these frames: sharp writes neither subfile types, densities of two kinds nor CIELab. */
export function tiffOf(frames: readonly TiffFrame[]): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')];
  let length = 8;
  let link = 4;
  const links: [at: number, to: number][] = [];
  const add = (part: Buffer) => {
    const at = length;
    parts.push(part);
    length += part.length;
    return at;
  };
  for (const frame of frames) {
    const { width, height, pixels, samples = 1, photometric = 1, bits = 8, density = [72, 72] } = frame;
    const data = add(pixels.length % 2 ? Buffer.concat([pixels, Buffer.alloc(1)]) : pixels);
    const rationals = Buffer.alloc(16);
    density.forEach((dots, at) => {
      rationals.writeUInt32LE(dots, 8 * at);
      rationals.writeUInt32LE(1, 8 * at + 4);
    });
    const densityAt = add(rationals);
    const depths = Buffer.alloc(2 * Math.max(2, samples));
    for (let sample = 0; sample < samples; sample++) depths.writeUInt16LE(bits, 2 * sample);
    const depthsAt = add(depths);
    const entries: TiffEntry[] = [
      [256, 4, 1, width],
      [257, 4, 1, height],
      [258, 3, samples, samples > 2 ? depthsAt : bits],
      [259, 3, 1, 1],
      [262, 3, 1, photometric],
      [273, 4, 1, data],
      [277, 3, 1, samples],
      [278, 4, 1, height],
      [279, 4, 1, pixels.length],
      [282, 5, 1, densityAt],
      [283, 5, 1, densityAt + 8],
      [296, 3, 1, 2],
      ...(frame.entries ?? []),
    ];
    entries.sort(([one], [other]) => one - other);
    const directory = Buffer.alloc(2 + 12 * entries.length + 4);
    directory.writeUInt16LE(entries.length, 0);
    entries.forEach(([tag, type, count, value], at) => {
      directory.writeUInt16LE(tag, 2 + 12 * at);
      directory.writeUInt16LE(type, 4 + 12 * at);
      directory.writeUInt32LE(count, 6 + 12 * at);
      directory.writeUInt32LE(value, 10 + 12 * at);
    });
    const at = add(directory);
    links.push([link, at]);
    link = at + directory.length - 4;
  }
  const file = Buffer.concat(parts);
  for (const [at, to] of links) file.writeUInt32LE(to, at);
  return file;
}

/**
 * 48 × 32 px, the left half (20, 40, 60), on the right white with a bar (200, 30, 30): by OpenJPEG (Pillow 12) and
 * libjxl 0.7, without loss.
 */
export const CODED_PICTURES = {
  'JPEG 2000':
    'AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAAIAAAADAAAwcHAAAAAAAPY29scgEAAAAAABAAAAO+anAyY/9P/1EALwAAAAAAMAAAACAAAAAAAAAAAAAAADAAAAAgAAAAAAAAAAAAAwcBAQcBAQcBAf9SAAwAAAABAAUEBAAB/1wAE0BASEhQSEhQSEhQSEhQSEhQ/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS40/5AACgAAAAADNwAB/5PfgBgFkpXPtAwFYefPtAwFeH/PwAoPnBwfUBAHPwDFfwR/x9oFH2gcfgBABWcAx+cEf8faBR9oHH4AQAcjAMffBHfH2g8PqBYPqBgPu7h59rRPFBqR71sUm4ZhSH/PwCJ+ANH4A4APa5yX5uiJvxQQaHk0TxBRJbN6wGTPwCJ+ANH4A4APbj2u0hj3vxQQaHk0JBSbYMMjh2XH2iMPqDIHzjAcSOQigD7YaY83nQhuASZ4vydrMYTHfJepkS4ojSFyyarP3ShQ3YO498/AUj7RCH2iICOVth6uNHPOgntSE0mI6E2qgmouJz8brRX0s0hLl+l5OdJEfyFyyasu395ukrytX5Hmw3fnz8BSPtEIfaIgI5W2Hq40c86CfnZL+pMIPMfEhRInPxutFeK3jaN+6JkTycMfIXLJqy7f3m6SvK1fkebCaK/PwIofUIwPnHgrsMT4YA/XZ6GUM5dmjCQAa82g44M9oUC0mWqLnZ+KEFlTOn5kZsfEnORGgq/dePOYj68/r6M/tBNZ0o+sHMIhm+fPwKZ+AxD7RcBDorVhcXMMg5zbZeXHjpT6qfExV9EobV3HCllI9FRz7OIrVDdFGtpkvzp+ZGbHq9Mjo+cTybSGWANkMx/XXgDnfz+voz+0E1ngJ40nehvLROVMfN3SgsI/z8CmfgMQ+0XAQ6K1YXFzDIOc22aY2GcKzRzm7eo+4cEgANEAZFOma/f8UvyD3rPkR2c6fmRmx6vTI6PnE8m0hlgDZDMf114A538/r6M/tBNZ4CeNJ3oby0TlTHzd0oLCP8faQw+oSgPkEkp2xSW0r0LHxBrCJzoM95usUwsw9ghZzfksmpqLQLzVf3Y78JwulBmwX+M+s3pyanOVHV0ymsOHaiJVdcfaSR9onB9QUEp2rpM2C4YoHl9u5d5AGSX5jx9/7KIeDgRyvv8VGaok+cPin2GL+ORONlWGfuR+XPAjSAMVjR9dMprDh2oif3fXx9pBH2icH1BQSnaukzYLhigeX27l3kAZJfkQeHeSGjHHaz5COP3Vrj9hi/jkTjZVhn7kflzwI0gDFY0fXTKaw4dqIn931//Z',
  'a JPEG 2000 codestream':
    '/0//UQAvAAAAAAAwAAAAIAAAAAAAAAAAAAAAMAAAACAAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEABQQEAAH/XAATQEBISFBISFBISFBISFBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAAM3AAH/k9+AGAWSlc+0DAVh58+0DAV4f8/ACg+cHB9QEAc/AMV/BH/H2gUfaBx+AEAFZwDH5wR/x9oFH2gcfgBAByMAx98Ed8faDw+oFg+oGA+7uHn2tE8UGpHvWxSbhmFIf8/AIn4A0fgDgA9rnJfm6Im/FBBoeTRPEFEls3rAZM/AIn4A0fgDgA9uPa7SGPe/FBBoeTQkFJtgwyOHZcfaIw+oMgfOMBxI5CKAPthpjzedCG4BJni/J2sxhMd8l6mRLiiNIXLJqs/dKFDdg7j3z8BSPtEIfaIgI5W2Hq40c86Ce1ITSYjoTaqCai4nPxutFfSzSEuX6Xk50kR/IXLJqy7f3m6SvK1fkebDd+fPwFI+0Qh9oiAjlbYerjRzzoJ+dkv6kwg8x8SFEic/G60V4reNo37omRPJwx8hcsmrLt/ebpK8rV+R5sJor8/Aih9QjA+ceCuwxPhgD9dnoZQzl2aMJABrzaDjgz2hQLSZaoudn4oQWVM6fmRmx8Sc5EaCr91485iPrz+voz+0E1nSj6wcwiGb58/Apn4DEPtFwEOitWFxcwyDnNtl5ceOlPqp8TFX0ShtXccKWUj0VHPs4itUN0Ua2mS/On5kZser0yOj5xPJtIZYA2QzH9deAOd/P6+jP7QTWeAnjSd6G8tE5Ux83dKCwj/PwKZ+AxD7RcBDorVhcXMMg5zbZpjYZwrNHObt6j7hwSAA0QBkU6Zr9/xS/IPes+RHZzp+ZGbHq9Mjo+cTybSGWANkMx/XXgDnfz+voz+0E1ngJ40nehvLROVMfN3SgsI/x9pDD6hKA+QSSnbFJbSvQsfEGsInOgz3m6xTCzD2CFnN+SyamotAvNV/djvwnC6UGbBf4z6zenJqc5UdXTKaw4dqIlV1x9pJH2icH1BQSnaukzYLhigeX27l3kAZJfmPH3/soh4OBHK+/xUZqiT5w+KfYYv45E42VYZ+5H5c8CNIAxWNH10ymsOHaiJ/d9fH2kEfaJwfUFBKdq6TNguGKB5fbuXeQBkl+RB4d5IaMcdrPkI4/dWuP2GL+ORONlWGfuR+XPAjSAMVjR9dMprDh2oif3fX/9k=',
  'JPEG XL': '/woHQUBxIQgCAQCIAEsYm3w8GJjAhJifN/sCMQBAo8O5AXXlf0w30OhLQnCfoh4=',
};
