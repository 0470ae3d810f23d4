import type { DocumentResult, Manifest, TaskProgress } from './manifest';

/** How far a batch is. */
export interface BatchProgress {
  readonly documents: { readonly done: number; readonly all: number };
  /** Of documents that are done, and of those that are being read. */
  readonly pages: number;
  readonly failedPages: number;
  readonly fromTextLayer: number;
  /** Documents with a failure, by its code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Tasks that are reading. */
  readonly tasks: number;
  /** Since the start; undefined before the first page. */
  readonly pagesPerSecond?: number;
  /** By the documents that are left; undefined where nothing says. */
  readonly secondsLeft?: number;
}

export function batchProgress(
  { documents: all, startedAt }: Pick<Manifest, 'documents' | 'startedAt'>,
  results: readonly DocumentResult[],
  tasks: readonly TaskProgress[],
  now: Date,
): BatchProgress {
  const sum = (of: (result: DocumentResult) => number) =>
    results.reduce((total, each) => total + of(each), 0);
  const failures: Record<string, number> = {};
  for (const { code } of results) if (code !== undefined) failures[code] = (failures[code] ?? 0) + 1;
  const pages = sum((result) => result.pages);
  const seconds = (now.getTime() - Date.parse(startedAt)) / 1000;
  const done = results.length;
  return {
    documents: { done, all },
    pages,
    failedPages: sum((result) => result.failed),
    fromTextLayer: sum((result) => result.fromTextLayer),
    failures,
    tasks: tasks.length,
    ...(pages > 0 && seconds > 0 && { pagesPerSecond: pages / seconds }),
    ...(done > 0 && done < all && { secondsLeft: ((all - done) * seconds) / done }),
  };
}
