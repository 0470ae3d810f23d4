import type { BacklogResult } from './backlog';

/** The end of a backlog's rehearsal, for a person. */
export function backlogText(result: BacklogResult): string {
  const { documents, pages, faults, expectations, storage, taskMemoryMib, pagesPerSecond, seed } = result;
  const failed = expectations.filter(({ held }) => !held);
  return [
    `${documents} documents, ${pages} pages, read twice; seed ${seed}`,
    `faults: ${faults.map(({ fault, after }) => `${fault} (${after})`).join(', ')}`,
    `${pagesPerSecond.toFixed(1)} pages per second; ${storage.perDocument.toFixed(2)} operations of storage per document and ${storage.coordinationPerPage.toFixed(3)} per page beside documents and results; a task takes ${taskMemoryMib.toFixed(0)} MiB at most`,
    failed.length === 0
      ? `all ${expectations.length} checks passed`
      : `${failed.length} of ${expectations.length} checks failed`,
    ...failed.map(({ step, text, got }) => `  run ${step}: expected that ${text}; got ${got}`),
    '',
  ].join('\n');
}
