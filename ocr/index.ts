/**
 * The OCR client as a library: documents in, text out (docs/ocr-client.md).
 * Layers, each usable alone: `createOcrClient` (one request), `createPageReader` (retries, breaker, second tries),
 * `openDocument` (pages of a file), `readDocuments` (many documents, a bounded window).
 */
export { type ExitCode, Failure, type FailureDetails } from '../domain/failure';
export { DEFAULT_MODEL, findModel, MODELS, type OcrModel } from '../domain/models';
export { imageTokens, scaledSize } from '../domain/models/geometry';
export { type LayoutBlock, layoutMarkdown, layoutOf } from '../domain/text/grounding';
export { type Repetition, repetitionAtEnd } from '../domain/text/repetition';
export { judgeTextLayer, type PageContent, type TextLayerVerdict } from '../domain/text/textLayer';
export { audienceOf } from './audience';
export { type BatchOptions, readDocuments } from './batch';
export { type BreakerOptions, CircuitOpen } from './breaker';
export {
  createOcrClient,
  DEFAULT_TIMEOUT_SECONDS,
  MAX_TIMEOUT_SECONDS,
  type OcrClient,
  type OcrClientOptions,
  type PageText,
  type ReadPageOptions,
} from './client';
export { type Clock, type Deadline, systemClock, type TimeLimit } from './clock';
export {
  type DocumentOptions,
  type DocumentPage,
  type DocumentSource,
  type OcrDocument,
  openDocument,
} from './document';
export type { DocumentFault } from './documentFailure';
export {
  googleIdentityToken,
  type GoogleIdentityTokenOptions,
  mintIdentityToken,
  type MintOptions,
} from './googleIdentityToken';
export { cachedIdentityToken } from './identityToken';
export { type JsonLines, type JsonLinesOptions, type KeptPages, openJsonLines } from './jsonLines';
export { DEFAULT_LIMITS, type DocumentLimits } from './limits';
export { documentMarkdown, pageMarkdown } from './markdown';
export { type PreparedPage, preparePage, type PreparePageOptions } from './page';
export {
  type BatchSummary,
  createSummary,
  type PageError,
  type PageResult,
  type TextSource,
} from './pageResult';
export {
  createPageReader,
  type PageReader,
  type PageReaderOptions,
  type PageReading,
  type ReadingStatus,
} from './reader';
export type { PolicyOptions } from './request';
export { ServiceFailure } from './serviceFailure';
export { type WarmInstances, warmInstances, type WarmInstancesOptions } from './warmInstances';
export { waitUntilReady, type WarmUpOptions } from './warmUp';
