/** A document of a batch, as its block lists it. */
export interface BatchDocument {
  /** Name of its object. */
  readonly name: string;
  /** Of the version that was listed: another one is another document. */
  readonly generation: string;
  readonly bytes: number;
  /** Taken for balance only; what it has, its result says. */
  readonly pages: number;
}

/** Neighbours in the listing that one task reads: what is done twice at most when a task is killed. */
export interface Block {
  /** `00017`; a part of a block that was split: `00017-2`. */
  readonly id: string;
  readonly documents: number;
  readonly pages: number;
  /** Names of its first and last document, in the order of the listing. */
  readonly first: string;
  readonly last: string;
}

/** What a task needs of the deployment: no file of the project is in the client's image. */
export interface BatchService {
  readonly url: string;
  readonly model: string;
  readonly modelId: string;
  readonly maxModelLen: number;
  readonly textTokens: number;
  readonly longestSidePixels: number;
  readonly timeoutSeconds: number;
  readonly coldStartSeconds: number;
  /** Who serves, and which image, as the batch was started: whoever reads a text years later finds what made it. */
  readonly revision: string;
  readonly image: string;
  /** Pages under way at the service, all tasks together. */
  readonly pagesAtOnce: number;
}

/** The batch's own record in the folder of its results. */
export interface Manifest {
  readonly schema: 1;
  /** `DEPLOYMENT-HASH`: `batch status` takes it. */
  readonly name: string;
  readonly deployment: string;
  readonly input: string;
  readonly out: string;
  readonly startedAt: string;
  readonly service: BatchService;
  readonly documents: number;
  readonly bytes: number;
  readonly pages: number;
  /** Hash of every document's name and generation: the same listing again has nothing new. */
  readonly listing: string;
  readonly blocks: readonly Block[];
  /** Objects that were passed over: empty ones, archives, files over what the client opens. */
  readonly passedOver: number;
}

/** Where a batch keeps what is not a result, below its output's folder. BigQuery and DuckDB read `results/*.jsonl` as it is. */
export const batchObjects = (prefix: string) => {
  const own = `${prefix}_batch/`;
  return {
    own,
    blocks: `${own}blocks/`,
    block: (id: string) => `${own}blocks/${id}.jsonl`,
    results: `${own}results/`,
    result: (id: string) => `${own}results/${id}.jsonl`,
    /** Pages of a long document that is not done: its block's, the document's place in it, the first page. */
    parts: (id: string) => `${own}parts/${id}/`,
    part: (id: string, index: number, page: number) => `${own}parts/${id}/${index}/${page}.jsonl`,
    progressOf: `${own}progress/`,
    progress: (task: number) => `${own}progress/${task}.json`,
  };
};

/** One line of `results/BLOCK.jsonl`: what became of a document. */
export interface DocumentResult {
  readonly document: string;
  readonly generation: string;
  /** Of the results' objects; absent where the document could not be opened. */
  readonly jsonl?: string;
  readonly markdown?: string;
  /** SHA-256 of the JSON Lines, hex. */
  readonly sha256?: string;
  readonly pages: number;
  readonly whole: number;
  readonly failed: number;
  readonly fromTextLayer: number;
  /** Why a document or its first failed page failed: the client's code. */
  readonly code?: string;
  /** When its first and last page were read, ISO 8601. */
  readonly from: string;
  readonly to: string;
}

/** What a task writes now and then while it reads. */
export interface TaskProgress {
  readonly at: string;
  readonly documents: number;
  readonly pages: number;
  readonly failed: number;
  /** Requests that it has under way at most, by what the service bears. */
  readonly limit: number;
  readonly done: boolean;
}

export const resultNames = (prefix: string, inputPrefix: string, document: string) => {
  const name = `${prefix}${document.slice(inputPrefix.length)}`;
  return { jsonl: `${name}.jsonl`, markdown: `${name}.md` };
};

export const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
