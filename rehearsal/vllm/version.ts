/** The vLLM of both profiles: whose answers are given where an image does not say another. */
export const DEFAULT_VERSION = '0.30.0';

/** Compares versions as numbers, part by part. */
export const isOlder = (version: string, than: string): boolean =>
  version.localeCompare(than, 'en', { numeric: true }) < 0;
