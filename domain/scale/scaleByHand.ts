import type { Deployment } from '../deployment';
import type { ScaledService } from './scale';

/** gcloud's commands for an emergency stop where the ledger cannot be written, and for the way back: it remembers nothing. */
export function scaleByHand(
  { service, project, region }: Pick<Deployment, 'service' | 'project' | 'region'>,
  { traffic }: Pick<ScaledService, 'traffic'>,
): { readonly stop: readonly string[]; readonly restore: readonly string[] } {
  const gcloud = (verb: string) =>
    `gcloud run services ${verb} ${service} --project=${project} --region=${region}`;
  const tags = traffic.flatMap(({ tag, revision }) => (tag ? [`${tag}=${revision ?? 'LATEST'}`] : []));
  return {
    stop: [
      ...(tags.length > 0 ? [`${gcloud('update-traffic')} --clear-tags`] : []),
      `${gcloud('update')} --scaling=0`,
    ],
    restore: [
      `${gcloud('update')} --scaling=auto`,
      ...(tags.length > 0 ? [`${gcloud('update-traffic')} --set-tags=${tags.join(',')}`] : []),
    ],
  };
}
