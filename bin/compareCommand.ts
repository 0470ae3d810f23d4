import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { writing } from '../ocr/outputFile';
import { type CommonOptions, verb } from './releaseCommands';

/** Two revisions on pages of one's own, before callers get the new one. */
export function addCompareCommand(root: Command): void {
  verb<CommonOptions & { candidate: string; pages: string; out?: string; markdown?: string }>(
    root,
    'compare',
    'Reads a folder of documents by what serves and by a candidate: text differences, error rates, cost.',
    'production --candidate lightonai/LightOnOCR-3-0.8B --pages scans --out compare.html',
    async (context, options) => {
      const [{ compare }, { comparisonMarkdown }, { comparisonPage }] = await Promise.all([
        import('../operate/compare/compare'),
        import('../domain/compare/comparisonMarkdown'),
        import('../operate/compare/page'),
      ]);
      const { out, markdown } = options;
      const data = await compare(context, options);
      const text = comparisonMarkdown(data);
      if (markdown !== undefined) writing(markdown, () => writeFileSync(markdown, `${text}\n`));
      if (out !== undefined) writing(out, () => writeFileSync(out, comparisonPage(data)));
      return { text, data, details: text };
    },
  )
    .requiredOption('--candidate <model|revision>', 'a revision with a tag, or the model of one')
    .requiredOption(
      '--pages <folder>',
      'pictures and PDFs; a text beside each, scan.txt beside scan.png, is the truth',
    )
    .option('--out <file>', 'one HTML page with every line that changed')
    .option('--markdown <file>', 'the numbers for a pull request, without text of a page');
}
