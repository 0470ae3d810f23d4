import { z } from 'zod';
import type {
  BatchDocument,
  BatchService,
  Block,
  DocumentResult,
  Manifest,
  TaskProgress,
} from '../../domain/batch/manifest';

/** What a batch's own objects must look like when they are read again; what each field is, domain/batch/manifest.ts says. */
export const documentSchema: z.ZodType<BatchDocument> = z.object({
  name: z.string(),
  generation: z.string(),
  bytes: z.number(),
  pages: z.number(),
});

const blockSchema: z.ZodType<Block> = z.object({
  id: z.string(),
  documents: z.number(),
  pages: z.number(),
  first: z.string(),
  last: z.string(),
});

const serviceSchema: z.ZodType<BatchService> = z.object({
  url: z.string(),
  model: z.string(),
  modelId: z.string(),
  maxModelLen: z.number(),
  textTokens: z.number(),
  longestSidePixels: z.number(),
  timeoutSeconds: z.number(),
  coldStartSeconds: z.number(),
  revision: z.string(),
  image: z.string(),
  pagesAtOnce: z.number(),
});

export const manifestSchema: z.ZodType<Manifest> = z.object({
  schema: z.literal(1),
  name: z.string(),
  deployment: z.string(),
  input: z.string(),
  out: z.string(),
  startedAt: z.string(),
  service: serviceSchema,
  documents: z.number(),
  bytes: z.number(),
  pages: z.number(),
  listing: z.string(),
  blocks: z.array(blockSchema),
  passedOver: z.number(),
});

export const resultSchema: z.ZodType<DocumentResult> = z.object({
  document: z.string(),
  generation: z.string(),
  jsonl: z.string().optional(),
  markdown: z.string().optional(),
  sha256: z.string().optional(),
  pages: z.number(),
  whole: z.number(),
  failed: z.number(),
  fromTextLayer: z.number(),
  code: z.string().optional(),
  from: z.string(),
  to: z.string(),
});

export const progressSchema: z.ZodType<TaskProgress> = z.object({
  at: z.string(),
  documents: z.number(),
  pages: z.number(),
  failed: z.number(),
  limit: z.number(),
  done: z.boolean(),
});

/** JSON Lines. */
export const parseLines = <T>(text: string, schema: z.ZodType<T>): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)));
