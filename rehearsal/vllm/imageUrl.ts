import { ApiError } from './apiError';
import type { VllmOptions } from './args';

/** Standard base64 with its padding and nothing else: vLLM decodes it strictly. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const internal = (message: string) => new ApiError(500, message, 'InternalServerError');

/** Who misses the image first: the cache of processed images, or, where there is none, the processor (measured, 0.32.0, CPU). */
const EMPTY_IN_CACHE = "multi_modal_data['image'][0] is empty but multi_modal_uuids['image'][0] is missing.";
const EMPTY =
  "Failed to apply PixtralProcessor on data={'text': '<|image_pad|>', 'images': [None]} with kwargs={'truncation': False, 'do_pad': True, 'return_tensors': 'pt'}";

/**
 * The bytes of an image by its URL. Data URLs are read whatever type they name; nothing is ever fetched, so a host that is
 * allowed answers like one that cannot be reached.
 * @throws ApiError with vLLM's status and words: 400, 500 or 501.
 */
export function imageBytes(
  url: string,
  {
    allowedMediaDomains: allowedDomains,
    hasProcessorCache,
  }: Pick<VllmOptions, 'allowedMediaDomains' | 'hasProcessorCache'>,
): Buffer {
  if (url === '') throw new ApiError(400, hasProcessorCache ? EMPTY_IN_CACHE : EMPTY);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') throw unreachable(url, allowedDomains);
  if (scheme === 'file') throw internal('Cannot load local files without `--allowed-local-media-path`.');
  if (scheme !== 'data') throw new ApiError(400, 'The URL must be either a HTTP, data or file URL.');
  const comma = url.indexOf(',');
  const [head, base64] = [url.slice(0, comma), url.slice(comma + 1)];
  if (comma === -1 || !/;base64$/.test(head))
    throw new ApiError(501, 'Only base64 data URLs are supported for now.', 'NotImplementedError');
  if (!BASE64.test(base64)) throw new ApiError(400, 'Non-base64 digit found');
  return Buffer.from(base64, 'base64');
}

function unreachable(url: string, allowedDomains: readonly string[]): ApiError {
  const { hostname, port, protocol } = URL.canParse(url)
    ? new URL(url)
    : { hostname: '', port: '', protocol: '' };
  if (allowedDomains.length > 0 && !allowedDomains.includes(hostname)) {
    const list = allowedDomains.map((domain) => `'${domain}'`).join(', ');
    const message = `The URL must be from one of the allowed domains: [${list}]. Input URL domain: ${hostname}`;
    return new ApiError(400, message);
  }
  const usual = protocol === 'https:' ? '443' : '80';
  return internal(
    `Cannot connect to host ${hostname}:${port || usual} ssl:default [Name or service not known]`,
  );
}
