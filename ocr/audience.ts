/**
 * What Cloud Run wants as the audience: the origin of the service's own URL, also when the request goes to a tagged one,
 * `https://TAG---SERVICE-…` (https://cloud.google.com/run/docs/authenticating/service-to-service).
 */
export function audienceOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host.replace(/^.*?---/, '')}`;
}
