import type { FunctionTable } from './pdfiumTable';

/**
 * The functions of pdfium that a page needs, by their C names (https://pdfium.googlesource.com/pdfium/+/main/public/).
 * The package's own classes are not used: they never close a page that is not rendered, and do not say where an image is.
 */
export interface Pdfium {
  /** What their pointers point into. Looked up at each use: memory that grows is another buffer. */
  memory(this: void): Buffer;
  /** Whether it has asked for more memory than it may have. */
  isFull(this: void): boolean;
  /** Pointers to functions: where C asks for a callback. */
  readonly __indirect_function_table: FunctionTable;
  FPDF_InitLibrary(): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  FPDF_LoadMemDocument(data: number, bytes: number, password: number): number;
  FPDF_CloseDocument(document: number): void;
  FPDF_GetLastError(): number;
  FPDF_GetPageCount(document: number): number;
  FPDF_LoadPage(document: number, index: number): number;
  FPDF_ClosePage(page: number): void;
  FPDF_GetPageWidth(page: number): number;
  FPDF_GetPageHeight(page: number): number;
  /** Left, top, right, bottom of what is shown: the CropBox within the MediaBox, before any rotation. */
  FPDF_GetPageBoundingBox(page: number, box: number): number;
  FPDF_RenderPageBitmap(
    bitmap: number,
    page: number,
    x: number,
    y: number,
    width: number,
    height: number,
    rotate: number,
    flags: number,
  ): void;
  FPDF_DocumentHasValidCrossReferenceTable(document: number): number;
  /** 0 no form, 1 AcroForm, 2 full XFA, 3 XFA foreground. */
  FPDF_GetFormType(document: number): number;
  FPDF_SetSystemFontInfo(info: number): void;
  FPDF_CreateNewDocument(): number;
  FPDF_ImportPagesByIndex(target: number, source: number, indices: number, count: number, at: number): number;
  FPDF_SaveAsCopy(document: number, writer: number, flags: number): number;
  FPDFDoc_GetAttachmentCount(document: number): number;
  FPDFDoc_GetAttachment(document: number, index: number): number;
  FPDFAttachment_GetName(attachment: number, buffer: number, bytes: number): number;
  FPDFAttachment_GetFile(attachment: number, buffer: number, bytes: number, written: number): number;
  FPDFPage_SetMediaBox(page: number, left: number, bottom: number, right: number, top: number): void;
  FPDFPage_SetCropBox(page: number, left: number, bottom: number, right: number, top: number): void;
  FPDF_PageToDevice(
    page: number,
    left: number,
    top: number,
    width: number,
    height: number,
    rotate: number,
    x: number,
    y: number,
    toX: number,
    toY: number,
  ): number;
  FPDFPage_GetAnnotCount(page: number): number;
  FPDFPage_Flatten(page: number, usage: number): number;
  FPDFDOC_InitFormFillEnvironment(document: number, callbacks: number): number;
  FPDFDOC_ExitFormFillEnvironment(form: number): void;
  FORM_OnAfterLoadPage(page: number, form: number): void;
  FORM_OnBeforeClosePage(page: number, form: number): void;
  FPDFPage_CountObjects(page: number): number;
  FPDFFormObj_CountObjects(form: number): number;
  FPDFFormObj_GetObject(form: number, index: number): number;
  FPDFPageObj_GetMatrix(object: number, matrix: number): number;
  FPDFPage_GetObject(page: number, index: number): number;
  FPDFPageObj_GetType(object: number): number;
  FPDFPageObj_GetBounds(object: number, left: number, bottom: number, right: number, top: number): number;
  FPDFPageObj_SetIsActive(object: number, active: number): number;
  FPDFPageObj_GetFillColor(object: number, red: number, green: number, blue: number, alpha: number): number;
  FPDFPageObj_GetClipPath(object: number): number;
  FPDFClipPath_CountPaths(clipPath: number): number;
  FPDFTextObj_GetTextRenderMode(text: number): number;
  FPDFTextObj_GetFont(text: number): number;
  FPDFFont_GetIsEmbedded(font: number): number;
  FPDFPath_CountSegments(path: number): number;
  /** Fill mode (0: none) and whether the outline is drawn. */
  FPDFPath_GetDrawMode(path: number, fillMode: number, stroke: number): number;
  FPDFImageObj_GetImagePixelSize(object: number, width: number, height: number): number;
  /** The decoded image as a new bitmap, 0 where it cannot be decoded. */
  FPDFImageObj_GetBitmap(image: number): number;
  FPDFImageObj_GetImageDataRaw(image: number, buffer: number, bytes: number): number;
  FPDFImageObj_GetImageFilterCount(image: number): number;
  FPDFImageObj_GetImageFilter(image: number, index: number, buffer: number, bytes: number): number;
  FPDFText_LoadPage(page: number): number;
  FPDFText_ClosePage(textPage: number): void;
  FPDFText_CountChars(textPage: number): number;
  FPDFText_GetUnicode(textPage: number, index: number): number;
  FPDFText_HasUnicodeMapError(textPage: number, index: number): number;
  /** The text object that a character belongs to. */
  FPDFText_GetTextObject(textPage: number, index: number): number;
  FPDFText_IsGenerated(textPage: number, index: number): number;
  FPDFText_GetCharBox(
    textPage: number,
    index: number,
    left: number,
    right: number,
    bottom: number,
    top: number,
  ): number;
  FPDFText_GetText(textPage: number, start: number, count: number, buffer: number): number;
  FPDFBitmap_CreateEx(width: number, height: number, format: number, data: number, stride: number): number;
  FPDFBitmap_FillRect(
    bitmap: number,
    x: number,
    y: number,
    width: number,
    height: number,
    colour: number,
  ): void;
  FPDFBitmap_GetFormat(bitmap: number): number;
  FPDFBitmap_GetBuffer(bitmap: number): number;
  FPDFBitmap_GetWidth(bitmap: number): number;
  FPDFBitmap_GetHeight(bitmap: number): number;
  FPDFBitmap_GetStride(bitmap: number): number;
  FPDFBitmap_Destroy(bitmap: number): void;
}
