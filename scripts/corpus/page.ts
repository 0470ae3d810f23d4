import type { Disagreement } from './disagreements';

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
const image = (png: Buffer | undefined): string =>
  png ? `<img src="data:image/png;base64,${png.toString('base64')}">` : '';

/** All disagreements as one HTML page, by kind: the picture that is sent beside poppler's. */
export function disagreementPage(found: readonly Disagreement[]): string {
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  const sections = kinds.map((kind) => {
    const rows = found.filter((one) => one.kind === kind);
    const cells = rows.map(
      ({ file, page, what }) =>
        `<tr><td>${escaped(file)}${page ? `, page ${page.page}` : ''}<td>${escaped(what)}<td>${image(page?.picture)}<td>${image(page?.other)}`,
    );
    return `<h2>${escaped(kind)}: ${rows.length}</h2><table><tr><th>file<th>what<th>sent<th>poppler${cells.join('')}</table>`;
  });
  const style = 'td{vertical-align:top;border-top:1px solid #ccc;padding:4px}img{border:1px solid #999}';
  return `<!doctype html><meta charset="utf-8"><title>Disagreements</title><style>${style}</style>${sections.join('')}`;
}
