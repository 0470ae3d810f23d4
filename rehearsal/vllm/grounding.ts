/**
 * A page's text as a grounding answer: a block per paragraph, one below the other over the whole width, and the page's number.
 * Where the words really stand is not known here.
 */
export function groundedPage(text: string): string {
  const paragraphs = text.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== '');
  const height = 900 / Math.max(1, paragraphs.length);
  const blocks = paragraphs.map((paragraph, index) => {
    const [top, bottom] = [Math.round(index * height), Math.round((index + 1) * height)];
    return `![text](50,${top},950,${bottom}) ${paragraph}`;
  });
  return [...blocks, '![page_number](490,950,510,970) 1'].join('\n');
}
