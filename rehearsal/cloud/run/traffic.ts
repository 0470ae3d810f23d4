import { LATEST, REVISION, type TrafficTarget } from '../../../domain/releases/traffic';

/**
 * `trafficStatuses` of a wanted traffic. Tag-only entries come first, as Cloud Run may put them: whoever takes the first
 * entry for the serving one is wrong.
 * @param taggedUri URL of a tag.
 */
export function trafficStatuses(
  traffic: readonly TrafficTarget[],
  taggedUri: (tag: string) => string,
): TrafficTarget[] {
  const statuses = traffic.map(({ type, revision, percent = 0, tag }) => ({
    type: type === LATEST ? LATEST : REVISION,
    ...(revision && { revision }),
    ...(percent > 0 && { percent }),
    ...(tag && { tag, uri: taggedUri(tag) }),
  }));
  return statuses.sort((a, b) => Number(a.percent !== undefined) - Number(b.percent !== undefined));
}

/** Chooses among weighted targets, one a call. */
export type Balancer<T> = () => T | undefined;

/**
 * nginx's smooth weighted round-robin: deterministic, exact over any `sum of weights` choices in a row, and spread evenly
 * among them (https://github.com/phusion/nginx/commit/27e94984486058d73157038f7950a0a36ecc6e35).
 */
export function smoothBalancer<T>(
  targets: readonly { readonly target: T; readonly weight: number }[],
): Balancer<T> {
  const peers = targets.filter(({ weight }) => weight > 0).map((peer) => ({ ...peer, current: 0 }));
  const total = peers.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    for (const peer of peers) peer.current += peer.weight;
    const best = peers.reduce<(typeof peers)[number] | undefined>(
      (chosen, peer) => (chosen && chosen.current >= peer.current ? chosen : peer),
      undefined,
    );
    if (best) best.current -= total;
    return best?.target;
  };
}
