/** What a document is by its name, or where that says nothing by its content type; what it really is, its first bytes say when it is read. */
export const DOCUMENT_KINDS = ['pdf', 'tiff', 'picture', 'archive', 'other'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

const ENDINGS: readonly [RegExp, DocumentKind][] = [
  [/\.pdf$/i, 'pdf'],
  [/\.tiff?$/i, 'tiff'],
  [/\.(png|jpe?g|webp|gif|avif|hei[cf]|jp2|j2k|jp[fx]|jxl|bmp|p[bgpn]m|tga)$/i, 'picture'],
  [/\.zip$/i, 'archive'],
];
const CONTENT_TYPES: readonly [RegExp, DocumentKind][] = [
  [/^application\/pdf\b/, 'pdf'],
  [/^image\/tiff\b/, 'tiff'],
  [/^image\//, 'picture'],
  [/^application\/(x-)?zip\b/, 'archive'],
];

const find = (rules: readonly [RegExp, DocumentKind][], text: string) =>
  rules.find(([pattern]) => pattern.test(text))?.[1];

export const documentKind = (name: string, contentType = ''): DocumentKind =>
  find(ENDINGS, name) ?? find(CONTENT_TYPES, contentType.toLowerCase()) ?? 'other';

/**
 * Classes of size, by their upper end in bytes; pages differ less within one than between them. Own choices: a letter, a
 * report or a few scans, a book, a box of scans. The last ends where the client refuses a file (`maxFileBytes`).
 */
export const SIZE_CLASSES = [
  { name: 'to 256 KiB', below: 256 * 2 ** 10 },
  { name: 'to 4 MiB', below: 4 * 2 ** 20 },
  { name: 'to 32 MiB', below: 32 * 2 ** 20 },
  { name: 'to 256 MiB', below: 256 * 2 ** 20 },
] as const;
/** What no reader opens. */
export const TOO_LARGE = 'over 256 MiB';
export type SizeClass = (typeof SIZE_CLASSES)[number]['name'] | typeof TOO_LARGE;
export const SIZE_NAMES: readonly SizeClass[] = [...SIZE_CLASSES.map(({ name }) => name), TOO_LARGE];

export const sizeClass = (bytes: number): SizeClass =>
  SIZE_CLASSES.find(({ below }) => bytes <= below)?.name ?? TOO_LARGE;
