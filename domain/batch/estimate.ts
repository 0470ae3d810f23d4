import { type Interval, studentT } from './interval';
import type { DocumentKind, SizeClass } from './kinds';

/** What was seen of one document of a sample. */
export interface SampledDocument {
  readonly bytes: number;
  /** 0 where it cannot be opened. */
  readonly pages: number;
  /** Pages that were looked at, chosen at random: all of a short document. */
  readonly looked: number;
  /** Of those: their text layer can be taken. */
  readonly text: number;
  /** Of those: the GPU has to read them. */
  readonly gpu: number;
  /** Why it cannot be opened: the client's code. */
  readonly unreadable?: string;
}

/** Documents of one kind and size, and those of them that were read. */
export interface SampledStratum {
  readonly kind: DocumentKind;
  readonly size: SizeClass;
  readonly documents: number;
  readonly bytes: number;
  readonly sampled: readonly SampledDocument[];
}

/** What a folder holds. Each with a 95 % interval that has no width where every page was looked at. */
export interface PageEstimate {
  readonly pages: Interval;
  /** Their text layer is taken: no GPU. */
  readonly textPages: Interval;
  readonly gpuPages: Interval;
  /** Documents that cannot be opened. */
  readonly unreadable: Interval;
}

/** A total's estimate in one stratum. */
interface Part {
  readonly value: number;
  readonly variance: number;
  readonly degrees: number;
}

/** How much of something a document has; `share` of what was looked at, where that is not all of it. */
type Measure = (document: SampledDocument) => { readonly value: number; readonly share?: number };

const ofPages =
  (what: 'text' | 'gpu'): Measure =>
  ({ pages, looked, [what]: found }) =>
    looked === 0 ? { value: 0 } : { value: (pages * found) / looked, share: found / looked };

/**
 * Pages of a folder from samples of its documents: a stratified sample in two stages, documents of a stratum and pages of a
 * document, each simple and random (W. G. Cochran, Sampling Techniques, 3rd ed. 1977).
 * - A stratum's total is `N × mean` (2.5), or from ten documents on the regression on their sizes, whose sum the listing has
 *   (7.3): scans have pages as they have bytes, and where sizes tell nothing the slope is near 0.
 * - Its variance is that between documents, with the finite population's correction, and that within them (11.24).
 * - The interval is Student's t with Satterthwaite's degrees of freedom (5.16). It holds the truth less often than 95 % where few
 *   documents of a size class hold most of its pages; a test counts how often (docs/batch.md has it).
 */
export function estimatePages(strata: readonly SampledStratum[]): PageEstimate {
  const total = (measure: Measure): Interval => interval(strata, measure);
  return {
    pages: total(({ pages }) => ({ value: pages })),
    textPages: total(ofPages('text')),
    gpuPages: total(ofPages('gpu')),
    unreadable: total(({ unreadable }) => ({ value: Number(unreadable !== undefined) })),
  };
}

function interval(strata: readonly SampledStratum[], measure: Measure): Interval {
  const parts = strata.filter(({ sampled }) => sampled.length > 0).map((stratum) => partOf(stratum, measure));
  const sum = (of: (part: Part) => number) => parts.reduce((all, part) => all + of(part), 0);
  const [value, variance] = [sum((part) => part.value), sum((part) => part.variance)];
  const degrees = variance ** 2 / sum((part) => part.variance ** 2 / part.degrees);
  const half = variance === 0 ? 0 : studentT(degrees) * Math.sqrt(variance);
  // What was seen is there, whatever the interval says.
  const seen = strata
    .flatMap(({ sampled }) => sampled)
    .reduce((all, document) => all + Math.min(seenOf(document, measure), measure(document).value), 0);
  const least = Math.round(seen);
  return {
    value: Math.max(Math.round(value), least),
    low: Math.max(Math.round(value - half), least),
    high: Math.max(Math.round(value + half), least),
  };
}

/** Of what was looked at; a measure without a share was counted as a whole. */
function seenOf(document: SampledDocument, measure: Measure): number {
  const { value, share } = measure(document);
  return share === undefined ? value : share * document.looked;
}

/** Fewer documents say too little of how pages go with bytes. An own choice. */
const LEAST_FOR_REGRESSION = 10;

function partOf({ documents, bytes, sampled }: SampledStratum, measure: Measure): Part {
  const count = sampled.length;
  const values = sampled.map((document) => measure(document).value);
  const sizes = sampled.map((document) => document.bytes);
  const [mean, meanSize] = [meanOf(values), meanOf(sizes)];
  const deviations = sizes.map((size) => size - meanSize);
  const squares = deviations.reduce((sum, each) => sum + each ** 2, 0);
  const regresses = count >= LEAST_FOR_REGRESSION && squares > 0;
  const products = deviations.reduce((sum, each, index) => sum + each * (values[index]! - mean), 0);
  const slope = regresses ? products / squares : 0;
  const degrees = Math.max(1, count - (regresses ? 2 : 1));
  const offset = bytes / documents - meanSize;
  // Each document's weight in the estimate of the mean, and its residual with its leverage taken out: valid also where large
  // documents differ more than small ones (HC3, J. G. MacKinnon and H. White, J. Econometrics 29, 1985).
  const variance = values.reduce((sum, value, index) => {
    const deviation = deviations[index]!;
    const weight = 1 / count + (regresses ? (offset * deviation) / squares : 0);
    const leverage = 1 / count + (regresses ? deviation ** 2 / squares : 0);
    const residual = value - mean - slope * deviation;
    return sum + ((weight * residual) / (regresses ? 1 - leverage : Math.sqrt(1 - leverage))) ** 2;
  }, 0);
  // One document says nothing of how they differ: it is taken that they do by as much as it has. An own choice.
  const between = documents ** 2 * (1 - count / documents) * (count === 1 ? mean ** 2 : variance);
  const within = sampled.reduce((sum, document) => sum + withinDocument(document, measure), 0);
  return {
    value: Math.max(0, documents * (mean + slope * offset)),
    variance: between + (documents / count) * within,
    degrees,
  };
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Variance of a document's own total, of whose pages some were looked at. */
function withinDocument(document: SampledDocument, measure: Measure): number {
  const { pages, looked } = document;
  const { share } = measure(document);
  if (share === undefined || looked >= pages || looked < 2) return 0;
  const variance = (share * (1 - share) * looked) / (looked - 1);
  return (pages ** 2 * (1 - looked / pages) * variance) / looked;
}
