/** Castagnoli's polynomial, reversed (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** CRC32C in base64, big-endian, as Cloud Storage gives it. Node has CRC32 only. */
export function crc32c(content: Buffer): string {
  let crc = 0xffffffff;
  // By index: an iterator takes ten times as long.
  for (let at = 0; at < content.length; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ content[at]!) & 0xff]!;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return bytes.toString('base64');
}
