import type { PageText } from './client';
import type { Effort } from './request';

/**
 * `whole`: the model ended by itself. `truncated`: the text was cut, also when the page was read in two halves, each with all
 * that it leaves of the context. `repetitive`: it ends in a loop, or the service ended one (`finish_reason` `repetition`), also at the other temperature.
 */
export type ReadingStatus = 'whole' | 'truncated' | 'repetitive';

/** `attempts` and `seconds` are of all requests that were sent for this page. */
export interface PageReading extends PageText, Effort {
  readonly status: ReadingStatus;
  /** What was done for the page and what is wrong with the text; empty for a page that was read at the first try. */
  readonly warnings: readonly string[];
  /** Of a page that was read in slices: a long one, or a dense one whose text was cut at first. */
  readonly slices?: readonly SliceReading[];
}

/** What became of a slice of a page; its text is part of the page's. */
export interface SliceReading {
  /** Rows of the page, as sent. */
  readonly top: number;
  readonly height: number;
  readonly status: ReadingStatus;
  readonly finishReason: string;
  readonly imageTokens: number;
  readonly completionTokens: number;
  /** With grounding; boxes are of the slice, not of the page. */
  readonly blocks?: PageReading['blocks'];
}
