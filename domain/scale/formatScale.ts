import { hourlyCost, usd } from '../cost/cost';
import type { Deployment } from '../deployment';
import type { Ledger } from '../releases/ledger';
import {
  isScaleOverridden,
  MANUAL,
  minimumByHand,
  type ScaledService,
  type ScaleOverride,
  scalesAs,
  type ServiceScaling,
  wantedScale,
} from './scale';
import { describeTraffic, sameTraffic } from '../releases/traffic';
import { activeRelease } from '../releases/activeRelease';
import { counted, utc } from '../words';

/** What a reader has to know first, a sentence each: empty while the service scales by itself. */
export function scaleFindings(
  deployment: string,
  scale: ScaleOverride | undefined,
  live: ServiceScaling | undefined,
): string[] {
  const restore = `bin/lightonocr scale ${deployment} restore`;
  if (scale === undefined) {
    const minimum = live ? minimumByHand(live) : 0;
    if (minimum > 0)
      return [
        `AT LEAST ${counted(minimum, 'instance')} by hand, paid for with pages and without: the deployment and the ledger do not say so; ${restore} takes that minimum away`,
      ];
    if (!isScaleOverridden(scale, live)) return [];
    const count = live?.manualInstanceCount;
    const what = count === 0 ? 'STOPPED' : `FIXED at ${counted(count ?? 'an unknown number of', 'instance')}`;
    return [`${what} by hand: the ledger does not say by whom or why; ${restore} makes it automatic again`];
  }
  const { instances, by, at, reason, restoring } = scale;
  const what = instances === 0 ? 'STOPPED' : `FIXED at ${counted(instances, 'instance')}`;
  const since = `${what} since ${utc(at)} by ${by} because: ${reason}`;
  if (restoring) return [`${since}; a restore was begun and is not finished: ${restore}`];
  const asMeant =
    live === undefined || scalesAs(live, { scalingMode: MANUAL, manualInstanceCount: instances });
  return [
    `${since}; ${restore} takes it back`,
    ...(asMeant
      ? []
      : [
          `and the service is NOT as that says; again: bin/lightonocr scale ${deployment} ${instances === 0 ? 'zero' : instances} --reason TEXT`,
        ]),
  ];
}

/** `automatic`, `automatic, at least 1`, `manual, 2 instances`. */
export function scalingWords(scaling: ServiceScaling): string {
  const { scalingMode, manualInstanceCount = '?', minInstanceCount, maxInstanceCount } = scaling;
  if (scalingMode === MANUAL) return `manual, ${counted(manualInstanceCount, 'instance')}`;
  return [
    'automatic',
    ...(minInstanceCount ? [`at least ${minInstanceCount}`] : []),
    ...(maxInstanceCount ? [`at most ${maxInstanceCount}`] : []),
  ].join(', ');
}

/** What a decision about the scale does, a sentence each. @param planned the ledger with the decision in it. */
export function scaleSentences(
  deployment: Deployment,
  found: Ledger,
  planned: Ledger,
  service: ScaledService,
): string[] {
  const { instances, restoring, before } = planned.scale!;
  const wanted = wantedScale(planned, service);
  const was = found.scale;
  const tags = before.tags
    .map(({ tag, revision }) => `${tag} on ${revision ?? 'the newest revision'}`)
    .join(', ');
  return [
    ...(was
      ? [
          `${was.instances === 0 ? 'stopped' : `fixed at ${was.instances}`} since ${utc(was.at)} by ${was.by} (${was.reason})`,
        ]
      : []),
    `scaling: ${scalingWords(service.scaling)} -> ${scalingWords(wanted.scaling)}`,
    ...(sameTraffic(service.traffic, wanted.traffic)
      ? []
      : [`traffic: ${describeTraffic(service.traffic)} -> ${describeTraffic(wanted.traffic)}`]),
    ...(restoring
      ? []
      : instances === 0
        ? stopSentences(deployment, found, tags)
        : [fixedSentence(deployment, instances)]),
  ];
}

function stopSentences({ name, requestTimeoutSeconds }: Deployment, found: Ledger, tags: string): string[] {
  const underWay = activeRelease(found);
  return [
    ...(underWay ? [`the release of ${underWay.revision} ends here; its command exits with 4`] : []),
    ...(tags === '' ? [] : [`remembered for the restore: tag ${tags}`]),
    `no instance starts and every request is refused, until: bin/lightonocr scale ${name} restore`,
    `requests under way may take up to ${requestTimeoutSeconds} s; Monitoring's container/instance_count shows their end some three minutes late`,
  ];
}

function fixedSentence({ name, region, size }: Deployment, instances: number): string {
  const cost = hourlyCost(
    region,
    { cpu: size.cpu, memoryGib: size.memoryGib, gpu: size.gpu, zonalRedundancy: size.zonalRedundancy },
    { minInstances: instances, maxInstances: instances },
  );
  const price = cost
    ? `${usd(cost.idle)} USD per hour (${cost.asOf})`
    : `prices of ${region} are not known here`;
  return `${counted(instances, 'instance')} ${instances === 1 ? 'runs' : 'run'} whether there are pages or not: ${price}, until: bin/lightonocr scale ${name} restore`;
}
