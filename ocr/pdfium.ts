import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PDFiumModule } from '@hyzyla/pdfium';

/**
 * The functions of pdfium that a page needs, by their C names (https://pdfium.googlesource.com/pdfium/+/main/public/).
 * The package's own classes are not used: they never close a page that is not rendered, and do not say where an image is.
 */
export interface Pdfium {
  /** What their pointers point into. Looked up at each use: memory that grows is another buffer. */
  memory(this: void): Buffer;
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
  FPDFPath_CountSegments(path: number): number;
  /** Fill mode (0: none) and whether the outline is drawn. */
  FPDFPath_GetDrawMode(path: number, fillMode: number, stroke: number): number;
  FPDFImageObj_GetImagePixelSize(object: number, width: number, height: number): number;
  FPDFText_LoadPage(page: number): number;
  FPDFText_ClosePage(textPage: number): void;
  FPDFText_CountChars(textPage: number): number;
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
  FPDFBitmap_Destroy(bitmap: number): void;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * A new pdfium. Each document has its own: memory in WebAssembly never shrinks, and one that a broken document has wrecked
 * takes no other with it. The program is compiled once a process. An instance has at most 2 GiB, its build's limit.
 */
export async function newPdfium(): Promise<Pdfium> {
  const program = await (compiled ??= compile());
  const instance = await PDFiumModule({
    instantiateWasm: (imports, onSuccess) => {
      void WebAssembly.instantiate(program, imports).then((made) =>
        (onSuccess as unknown as (made: WebAssembly.Instance, program: WebAssembly.Module) => void)(
          made,
          program,
        ),
      );
      return {};
    },
  });
  const functions = instance.wasmExports as unknown as Omit<Pdfium, 'memory'>;
  functions.FPDF_InitLibrary();
  return { ...functions, memory: () => Buffer.from(instance.HEAPU8.buffer) };
}

async function compile(): Promise<WebAssembly.Module> {
  const folder = dirname(require.resolve('@hyzyla/pdfium'));
  return WebAssembly.compile(await readFile(join(folder, 'pdfium.wasm')));
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
