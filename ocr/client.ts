import { z } from 'zod';
import { Failure, messageOf } from '../domain/failure';
import { findModel, modelNamed, type OcrModel } from '../domain/models';
import { seenTokens } from '../domain/models/geometry';
import { unescapeMath } from '../domain/text/escapedMath';
import { type LayoutBlock, layoutMarkdown, layoutOf } from '../domain/text/grounding';
import { finishKind } from '../domain/service/answerKind';
import { badOption } from './badOption';
import { type Clock, type Deadline, systemDeadline } from './clock';
import { requestJson } from './http';
import type { PreparedPage } from './page';
import { badAnswer, FETCH_GIVES_UP_SECONDS, pageInterrupted } from './serviceFailure';
import { unlessAborted } from './unlessAborted';

/** The deployment guide's. */
export const DEFAULT_TIMEOUT_SECONDS = 120;
/** Most that a request may take: Node's fetch waits no longer, and none of its options changes that. */
export const MAX_TIMEOUT_SECONDS = FETCH_GIVES_UP_SECONDS;
/** Cloud Run's (https://cloud.google.com/run/docs/configuring/request-timeout), with a `fetch` of one's own. */
const MAX_CLOUD_RUN_SECONDS = 3600;

export interface OcrClientOptions {
  /** The service's URL or a tagged one; may carry a path. */
  readonly baseUrl: string;
  /**
   * Identity token with the service's base URL as audience, also for a tagged URL; `cachedIdentityToken` makes one. Of another
   * server its API key. Without it requests carry no Authorization header.
   */
  readonly identityToken?: () => Promise<string>;
  /** Name in `/v1/models`. */
  readonly model: string;
  /** Hugging Face id, where the name in `/v1/models` is one of your own: request, tokens and sampling are the model's. */
  readonly modelId?: string;
  /** Context of the service (`--max-model-len`), image and text together. Default the model's own: 8192 for the default model. */
  readonly maxModelLen?: number;
  /**
   * Text that a page may need: asked for at first where it is more than the model's own, which is the default (4096 tokens for
   * LightOnOCR-2-1B); less where the page leaves less of the context.
   */
  readonly textTokens?: number;
  /** One request, start of an instance included; default 120, the deployment guide's; at most 300, with a `fetch` of one's own 3600. */
  readonly timeoutSeconds?: number;
  /**
   * Lets errors repeat the server's own words, up to 200 characters; default false. They may quote the request, which is a
   * page: only for pages that are nobody's secret, as a golden page.
   */
  readonly quoteServer?: boolean;
  /** Default Node's, which waits 300 s for an answer at most. */
  readonly fetch?: typeof fetch;
  /** Says when a request has taken too long; default the system's clock. */
  readonly deadline?: Deadline;
  /** Says how long a page took; default a clock that nobody sets. */
  readonly now?: Clock['now'];
}

export interface ReadPageOptions {
  /** Default the model's: 0.2. */
  readonly temperature?: number;
  /** Most text tokens to ask for; default the model's, or the client's `textTokens` where that is more. `Infinity`: all that the page leaves of the context. */
  readonly maxTokens?: number;
  /** Asks for layout blocks too. Default false; only where `ocrModel.groundingPrompt` says how. */
  readonly grounding?: boolean;
}

export interface PageText {
  /** Markdown; of models that escape the dollars of formulas without these escapes. With grounding without headers and footers. */
  readonly text: string;
  /** With grounding: every block of the page, headers and footers too. */
  readonly blocks?: readonly LayoutBlock[];
  /** `stop`: the whole page; `length`: cut, or a loop; `repetition`: a loop that the service ended. */
  readonly finishReason: string;
  /** Tokens of the prompt as the service counted them: the image and a few more. */
  readonly imageTokens: number;
  readonly completionTokens: number;
  /** On the wire and in the service. */
  readonly seconds: number;
}

export interface OcrClient {
  readonly baseUrl: string;
  readonly model: string;
  /** What is known of it; the default model's numbers where the name says nothing. */
  readonly ocrModel: OcrModel;
  /** Names of the models that the service serves; one attempt. */
  models(signal?: AbortSignal): Promise<string[]>;
  /** The same models with what the server says of them. */
  servedModels(signal?: AbortSignal): Promise<ServedModel[]>;
  /** Reads one page. A cut page is an answer, not an error: look at `finishReason`. */
  readPage(page: PreparedPage, signal?: AbortSignal, options?: ReadPageOptions): Promise<PageText>;
  /** Text tokens that a page leaves of the context. @throws Failure PAGE_EXCEEDS_CONTEXT where it leaves none. */
  roomForText(this: void, page: PreparedPage): number;
}

/** Room for the chat template around the image; a generous round number, not measured. */
const TEMPLATE_TOKENS = 64;

/** A model as `/v1/models` of vLLM lists it; other servers leave out all but the name. */
export interface ServedModel {
  /** What requests call it. */
  readonly name: string;
  /** Hugging Face id or path that it was loaded from. */
  readonly root?: string;
  readonly maxModelLen?: number;
}

const MODELS = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      root: z.string().nullish().catch(undefined),
      max_model_len: z.number().int().positive().nullish().catch(undefined),
    }),
  ),
});
const COMPLETION = z.object({
  choices: z.tuple(
    [
      z.object({
        message: z.object({ content: z.string().nullable() }),
        finish_reason: z.string().nullable(),
      }),
    ],
    z.unknown(),
  ),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }),
});

/**
 * Client of an OCR service, one request a call: no retries, no breaker (`createPageReader` has both). Everything that can go
 * wrong is a `ServiceFailure` with one of the codes SERVICE_NOT_REACHABLE, NOT_AUTHORISED, OVERLOADED, SERVICE_ERROR,
 * REQUEST_REFUSED, REQUEST_TOO_LARGE, BAD_ANSWER, TIMED_OUT, INSTANCE_STOPPING, PAGE_INTERRUPTED; a page that leaves no room for text in the context is a
 * `Failure` PAGE_EXCEEDS_CONTEXT, a token that cannot be had one with NO_IDENTITY_TOKEN. No error carries a page's content, nor the server's words but for names and numbers.
 * @throws Failure BAD_OPTION for a base URL that is none, or a time-out that is no number of seconds.
 */
export function createOcrClient(options: OcrClientOptions): OcrClient {
  const { model, modelId = '', timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  const ocrModel = findModel(modelId) ?? modelNamed(model);
  const { maxModelLen = ocrModel.maxModelLen } = options;
  // What loops ends there: in a large context all the room would be minutes.
  const firstTokens = Math.max(ocrModel.textTokens, options.textTokens ?? 0);
  const now = () => options.now?.().getTime() ?? performance.now();
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl))
    throw badOption('baseUrl', baseUrl, "the service's URL, https:// in front");
  const longest = options.fetch ? MAX_CLOUD_RUN_SECONDS : MAX_TIMEOUT_SECONDS;
  if (!(timeoutSeconds > 0 && timeoutSeconds <= longest)) {
    const why = options.fetch ? '' : ", after which Node's fetch gives up by itself";
    throw badOption('timeoutSeconds', timeoutSeconds, `seconds, more than 0 and up to ${longest}${why}`);
  }

  async function send<T>(
    path: string,
    schema: z.ZodType<T>,
    signal?: AbortSignal,
    body?: Buffer,
  ): Promise<T> {
    const token = await unlessAborted(tokenOf(options), signal);
    const url = `${baseUrl}${path}`;
    const { fetch = globalThis.fetch, deadline = systemDeadline, quoteServer = false } = options;
    return requestJson({ url, body, token, timeoutSeconds, quoteServer, schema, signal, fetch, deadline });
  }

  async function servedModels(signal?: AbortSignal): Promise<ServedModel[]> {
    const { data } = await send('/v1/models', MODELS, signal);
    return data.map(({ id, root, max_model_len: maxModelLen }) => ({
      name: id,
      ...(root && { root }),
      ...(maxModelLen && { maxModelLen }),
    }));
  }

  return {
    baseUrl,
    model,
    ocrModel,
    models: async (signal) => (await servedModels(signal)).map(({ name }) => name),
    servedModels,
    roomForText: (page) => roomForText(page, maxModelLen, ocrModel),
    async readPage(
      page,
      signal,
      { temperature = ocrModel.sampling.temperature, maxTokens = firstTokens, grounding = false } = {},
    ) {
      const prompt = grounding ? needGrounding(ocrModel) : undefined;
      const body = requestBody(page, prompt, {
        model,
        // The service's own flag says so too; another server's may not.
        ...(ocrModel.chatTemplate && { chat_template_kwargs: ocrModel.chatTemplate }),
        max_tokens: Math.min(maxTokens, roomForText(page, maxModelLen, ocrModel)),
        top_p: ocrModel.sampling.topP,
        temperature,
      });
      const started = now();
      const { choices, usage } = await send('/v1/chat/completions', COMPLETION, signal, body);
      const [{ message, finish_reason: finishReason }] = choices;
      const url = `${baseUrl}/v1/chat/completions`;
      if (finishReason === null || finishKind(finishReason) === 'interrupted')
        throw pageInterrupted(finishReason, url);
      if (message.content === null) throw badAnswer('JSON without choices.0.message.content', url);
      const written = ocrModel.escapesMath ? unescapeMath(message.content) : message.content;
      return {
        ...(grounding ? grounded(written) : { text: written }),
        finishReason,
        imageTokens: usage.prompt_tokens,
        completionTokens: usage.completion_tokens,
        seconds: (now() - started) / 1000,
      };
    },
  };
}

/** The word that asks for blocks. @throws Failure NO_GROUNDING for a model that was not trained on it. */
export function needGrounding({ id, groundingPrompt }: OcrModel): string {
  if (groundingPrompt !== undefined) return groundingPrompt;
  throw new Failure({
    code: 'NO_GROUNDING',
    message: `${id} gives no layout blocks.`,
    where: 'grounding',
    got: id,
    remedy: 'ask a LightOnOCR-3 model (docs/models.md), or leave grounding out',
    exitCode: 2,
  });
}

function grounded(answer: string): Pick<PageText, 'text' | 'blocks'> {
  const layout = layoutOf(answer);
  return { text: layoutMarkdown(layout), blocks: layout.blocks };
}

async function tokenOf({ identityToken, baseUrl }: OcrClientOptions): Promise<string | undefined> {
  if (identityToken === undefined) return undefined;
  try {
    return (await identityToken()) ?? '';
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      {
        code: 'NO_IDENTITY_TOKEN',
        message: `No identity token could be had: ${messageOf(error)}.`,
        where: baseUrl,
        remedy: 'mend the function that is given as identityToken',
        exitCode: 2,
      },
      { cause: error },
    );
  }
}

/** A function of its own, and bytes: no request under way holds on to the strings that it was made of, 6 MB a page. */
function requestBody(
  { data, mediaType }: PreparedPage,
  prompt: string | undefined,
  settings: object,
): Buffer {
  const url = `data:${mediaType};base64,${data.toString('base64')}`;
  const image = { type: 'image_url', image_url: { url } };
  const words = prompt === undefined ? [] : [{ type: 'text', text: prompt }];
  const messages = [{ role: 'user', content: [image, ...words] }];
  return Buffer.from(JSON.stringify({ ...settings, messages }));
}

/** Tokens that are left for text. vLLM itself lowers `max_tokens` to that room, and refuses only a page that leaves none. */
function roomForText(page: PreparedPage, maxModelLen: number, model: OcrModel): number {
  const { width, height } = page;
  const image = seenTokens(page, model);
  const room = maxModelLen - image - TEMPLATE_TOKENS;
  if (room >= 1) return room;
  throw new Failure({
    code: 'PAGE_EXCEEDS_CONTEXT',
    message: `A page of ${width}×${height} px takes ${image} tokens and leaves no room for text.`,
    where: `context of ${maxModelLen} tokens (vllm.maxModelLen)`,
    got: `${image} + ${TEMPLATE_TOKENS} of ${maxModelLen} tokens`,
    remedy: 'scale pages down further (page.longestSidePixels), or raise vllm.maxModelLen',
    exitCode: 2,
  });
}
