/** How much a document may cost before it is refused. */
export interface DocumentLimits {
  /** Of the file; a stream is not read further. Default 256 MiB. */
  readonly maxFileBytes: number;
  /** Of an image, or of one image in a PDF page, by its header: nothing is decoded. Default 268 megapixels, sharp's own. */
  readonly maxInputPixels: number;
  /**
   * Of an image that has to be decoded as a whole before it can be scaled: interlaced PNG, progressive JPEG, GIF, HEIF. Default
   * 70 megapixels, A1 at 300 dpi: of 100 such megapixels up to 540 MB were measured in memory, where streamed ones take 150.
   */
  readonly maxWholePixels: number;
  /** Of a PDF or TIFF; default 5000. */
  readonly maxPages: number;
  /** Things drawn on a PDF page. Default 100,000, an own choice. */
  readonly maxPageObjects: number;
  /** For one page of a PDF, or for opening it: its thread is ended then. Default 60. */
  readonly maxPageSeconds: number;
  /** Of pdfium, for one document; default 1 GiB. */
  readonly maxPdfMemoryBytes: number;
}

export const DEFAULT_LIMITS: DocumentLimits = {
  maxFileBytes: 256 * 2 ** 20,
  maxInputPixels: 0x3fff ** 2,
  maxWholePixels: 70_000_000,
  maxPages: 5000,
  maxPageObjects: 100_000,
  maxPageSeconds: 60,
  maxPdfMemoryBytes: 2 ** 30,
};
