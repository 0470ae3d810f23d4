import type { FileRow, PageRow } from './examine';

export interface Disagreement {
  readonly kind: string;
  readonly file: string;
  readonly page?: PageRow;
  readonly what: string;
}

/** From here on two texts or pictures are not of one page. Own choices: what lies below was looked at and is spacing, order, or edges. */
const MOST = { text: 0.1, picture: 0.08 };
/** So few letters are a page number. */
const FEW_LETTERS = 25;

/** What somebody should look at, the most frequent kinds last. */
export function disagreements(files: readonly FileRow[]): Disagreement[] {
  return files.flatMap((row) => [...ofFile(row), ...row.rows.flatMap((page) => ofPage(row.file, page))]);
}

function ofFile({ file, pages, failed, counts }: FileRow): Disagreement[] {
  const said = Object.values(counts).filter((count): count is number => count !== undefined && count > 0);
  // A count that two of them have is right.
  const agreed = said.find((count, at) => said.indexOf(count) < at);
  const all = Object.entries(counts).map(([name, count]) => `${name} ${count ?? 'none'}`);
  const what = `${failed ?? `${pages} pages`}; ${all.join(', ')}`;
  if (failed?.startsWith('DEFECT')) return [{ kind: 'defect', file, what }];
  if (failed !== undefined && failed !== 'ENCRYPTED_DOCUMENT' && agreed !== undefined)
    return [{ kind: 'refused, while two others open it', file, what }];
  if (failed === undefined && agreed !== undefined && agreed !== pages)
    return [
      { kind: agreed > pages ? 'fewer pages than two others' : 'more pages than two others', file, what },
    ];
  return [];
}

function ofPage(file: string, page: PageRow): Disagreement[] {
  const { decision, why, letters = 0, otherLetters = 0, warnings } = page;
  const found = (kind: string, what: string) => [{ kind, file, page, what }];
  if (decision.startsWith('DEFECT')) return found('defect', decision);
  if (/^[A-Z]/.test(decision)) return found('failed page', `${decision}: ${why}`);
  if (decision === 'text' && (page.textDifference ?? 0) > MOST.text)
    return found('another text', `${letters} letters, poppler has ${otherLetters}; ${warnings.join('; ')}`);
  if (decision === 'image' && (page.pictureDifference ?? 0) > MOST.picture)
    return found(
      'another picture',
      `differs by ${page.pictureDifference!.toFixed(2)}; ${warnings.join('; ')}`,
    );
  if (decision === 'image' && otherLetters > FEW_LETTERS && /cannot be seen|no text layer/.test(why))
    return found('text that others have is not seen', `${why}; poppler has ${otherLetters} letters`);
  return [];
}
