import { characterErrorRate, plainText } from '../text/characterErrorRate';
import { type LineChange, lineChanges } from './lineChanges';

/** What one of the two made of a page. */
export interface ReadPage {
  readonly document: string;
  /** From 1. */
  readonly page: number;
  readonly status: string;
  readonly text: string;
  readonly seconds: number;
}

/** One side of a comparison: a revision that was asked. */
export interface Side {
  /** Short name of the revision. */
  readonly revision: string;
  readonly model: string;
  readonly pages: readonly ReadPage[];
  /** From the first request to the last answer; a cold start is not in it. */
  readonly seconds: number;
}

export interface PageComparison {
  readonly document: string;
  readonly page: number;
  /** Changed characters of what serves, Markdown's marks left out: 0 is the same text. Undefined where it read nothing. */
  readonly changed?: number;
  readonly served: PageSide;
  readonly candidate: PageSide;
  readonly lines: readonly LineChange[];
}

export interface PageSide {
  readonly status: string;
  /** Against the truth beside the page; undefined where there is none. */
  readonly errorRate?: number;
}

export interface Comparison {
  readonly served: SideSummary;
  readonly candidate: SideSummary;
  readonly pages: readonly PageComparison[];
}

export interface SideSummary {
  readonly revision: string;
  readonly model: string;
  readonly pages: number;
  readonly whole: number;
  /** Mean over the pages with a truth; undefined without any. */
  readonly errorRate?: number;
  readonly pagesPerSecond: number;
  /** Of one instance that does nothing else; undefined where the region's prices are not known. */
  readonly usdPerThousandPages?: number;
}

/** The text of a document's pages that is right, by document and page: undefined where nothing is known. */
export type Truth = (document: string, page: number) => string | undefined;

/** @param usdAnHour of one instance; undefined where it is not known. */
export function comparison(
  served: Side,
  candidate: Side,
  truth: Truth,
  usdAnHour: number | undefined,
): Comparison {
  const other = new Map(candidate.pages.map((page) => [keyOf(page), page]));
  const pages = served.pages.map((page) => pageComparison(page, other.get(keyOf(page)), truth));
  return {
    served: summary(served, truth, usdAnHour),
    candidate: summary(candidate, truth, usdAnHour),
    pages,
  };
}

const keyOf = ({ document, page }: ReadPage) => `${document}\n${page}`;

function pageComparison(page: ReadPage, other: ReadPage | undefined, truth: Truth): PageComparison {
  const { document, page: number } = page;
  const text = other?.text ?? '';
  const changed = rate(page.text, text);
  return {
    document,
    page: number,
    ...(changed !== undefined && { changed }),
    served: pageSide(page, truth),
    candidate: other ? pageSide(other, truth) : { status: 'not read' },
    lines: lineChanges(page.text, text),
  };
}

function pageSide(page: ReadPage, truth: Truth): PageSide {
  const errorRate = errorRateOf(page, truth);
  return { status: page.status, ...(errorRate !== undefined && { errorRate }) };
}

const errorRateOf = ({ document, page, text }: ReadPage, truth: Truth): number | undefined =>
  rate(truth(document, page), text);

const rate = (expected: string | undefined, actual: string): number | undefined =>
  expected === undefined || plainText(expected) === '' ? undefined : characterErrorRate(expected, actual);

function summary(side: Side, truth: Truth, usdAnHour: number | undefined): SideSummary {
  const { revision, model, pages, seconds } = side;
  const rates = pages.flatMap((page) => errorRateOf(page, truth) ?? []);
  const pagesPerSecond = seconds > 0 ? pages.length / seconds : 0;
  return {
    revision,
    model,
    pages: pages.length,
    whole: pages.filter(({ status }) => status === 'whole').length,
    ...(rates.length > 0 && { errorRate: rates.reduce((sum, each) => sum + each, 0) / rates.length }),
    pagesPerSecond,
    ...(usdAnHour !== undefined &&
      pagesPerSecond > 0 && { usdPerThousandPages: (usdAnHour / 3600 / pagesPerSecond) * 1000 }),
  };
}
