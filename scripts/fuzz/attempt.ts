import { Failure } from '../../domain/failure';
import { openDocument } from '../../ocr/document';

/** What became of a file: `page`, or a failure's code. @throws anything that is no Failure: a defect. */
export async function attempt(bytes: Buffer): Promise<string> {
  try {
    const document = await openDocument({ name: 'mutation', content: bytes });
    await document.page(1);
    document.close();
    return 'page';
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
}
