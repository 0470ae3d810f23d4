import { estimatePages, type PageEstimate } from '../../domain/batch/estimate';
import { forecast, type ForecastRow } from '../../domain/batch/forecast';
import { TOO_LARGE } from '../../domain/batch/kinds';
import { batchPlaces, placeUrl } from '../../domain/batch/places';
import type { Room } from '../../domain/capacity/room';
import type { Speed } from '../../domain/capacity/speed';
import { PRICES, type PriceList } from '../../domain/cost/prices';
import type { ReleaseContext } from '../../release/ports/context';
import { readRoom } from '../capacity/readRoom';
import { readSpeed } from '../capacity/readSpeed';
import { listFolder } from './inventory';
import { assertBatchPossible } from './preconditions';
import { readSamples } from './sample';

/** A kind and size of documents, and how many of them were read. */
export interface EstimatedKind {
  readonly kind: string;
  readonly size: string;
  readonly documents: number;
  readonly bytes: number;
  readonly read: number;
}

export interface BatchEstimate extends PageEstimate {
  readonly input: string;
  readonly out: string;
  readonly documents: number;
  readonly bytes: number;
  readonly kinds: readonly EstimatedKind[];
  /** Objects that a batch passes over: empty ones, archives, and files over what the client opens. */
  readonly passedOver: { readonly empty: number; readonly archives: number; readonly tooLarge: number };
  readonly room: Room;
  readonly speed: Speed;
  readonly rows: readonly ForecastRow[];
}

export interface EstimateOptions {
  /** `gs://BUCKET/FOLDER` of the documents. */
  readonly input: string;
  /** Of the results. */
  readonly out: string;
  /** Default: the project's own table. */
  readonly prices?: PriceList;
}

/**
 * What a batch would take: documents, pages, hours and USD. Reads a listing and a sample of documents, changes nothing.
 * @throws Failure as `batchPlaces`, `assertBatchPossible` and `listFolder`: before anything is read.
 */
export async function estimateBatch(
  context: ReleaseContext,
  { input, out, prices = PRICES }: EstimateOptions,
): Promise<BatchEstimate> {
  const { deployment } = context;
  const places = batchPlaces(input, out);
  await assertBatchPossible(context, places);
  const { strata, documents, bytes, empty } = await listFolder(context, places.input);
  const sampled = await readSamples(context, places.input.bucket, strata);
  const [room, speed] = [await readRoom(context), await readSpeed(context)];
  const pages = estimatePages(sampled);
  const count = (of: (stratum: (typeof strata)[number]) => boolean) =>
    strata.filter(of).reduce((sum, stratum) => sum + stratum.documents, 0);
  return {
    input: placeUrl(places.input),
    out: placeUrl(places.out),
    documents,
    bytes,
    kinds: sampled.map(({ sampled: read, ...stratum }) => ({ ...stratum, read: read.length })),
    passedOver: {
      empty,
      archives: count(({ kind, size }) => kind === 'archive' && size !== TOO_LARGE),
      tooLarge: count(({ size }) => size === TOO_LARGE),
    },
    ...pages,
    room,
    speed,
    rows: forecast(pages.gpuPages, deployment, { room, speed, prices }),
  };
}
