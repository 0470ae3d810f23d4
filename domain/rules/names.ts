import { modelNamed } from '../models';
import { candidateTag, MAX_NAME_LENGTH, revisionName, stackName } from '../names';
import { PLACEHOLDER_PROJECT } from '../plan/placeholder';
import { servedModelName } from '../vllmArgs';
import { type Rule, when } from './rule';

/** A name that DNS and Cloud Run take: RFC 1035's label, 63 characters at most. */
export const DNS_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** https://cloud.google.com/resource-manager/docs/creating-managing-projects */
const PROJECT_ID = /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
const LAST_ATTEMPT = 99;

/** Lengths and characters of everything that names are made from. */
export const namesRule: Rule = (deployment) => {
  const { name, project, service } = deployment;
  const revision = revisionName(service, 'f'.repeat(40), 'f'.repeat(64), LAST_ATTEMPT);
  const host = `${candidateTag(service, revision)}---${service}`;
  const longest = Math.max(revision.length, host.length);
  const stack = stackName(deployment, 'foundation');
  const { clientsLookFor } = modelNamed(deployment.model.id);
  return [
    ...when(!DNS_LABEL.test(name) || stack.length > MAX_NAME_LENGTH, {
      code: 'DEPLOYMENT_NAME',
      key: 'name',
      got: name,
      reason: `The file's name names stacks (${stack}) and the GitHub environment: lower-case letters, digits and hyphens, a letter first, ${MAX_NAME_LENGTH} characters for a stack.`,
      remedy: 'Rename the file, like production.yaml.',
    }),
    ...when(!PROJECT_ID.test(project), {
      code: 'PROJECT_ID',
      key: 'project',
      got: project,
      reason:
        'A project id has 6 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen last.',
      remedy: 'Write the id, not the name or the number: gcloud projects list.',
    }),
    ...when(project === PLACEHOLDER_PROJECT, {
      code: 'PROJECT_PLACEHOLDER',
      key: 'project',
      got: project,
      reason:
        'It stands for your own project id: synth takes it, a command that asks Google for anything does not.',
      remedy: 'Write yours: gcloud projects list.',
      severity: 'warning',
    }),
    ...when(!DNS_LABEL.test(service), {
      code: 'SERVICE_NAME',
      key: 'service',
      got: service,
      reason: 'Cloud Run takes lower-case letters, digits and hyphens, a letter first and no hyphen last.',
      remedy: 'Write it like lightonocr-gpu.',
    }),
    ...when(longest > MAX_NAME_LENGTH, {
      code: 'SERVICE_NAME_TOO_LONG',
      key: 'service',
      got: service,
      reason: `A candidate's host begins with ${host}, ${longest} characters; a DNS label holds ${MAX_NAME_LENGTH}.`,
      remedy: `Take away ${longest - MAX_NAME_LENGTH} characters.`,
    }),
    ...when(!servedModelName(deployment).includes(clientsLookFor), {
      code: 'SERVED_NAME',
      key: 'model.servedName',
      got: servedModelName(deployment),
      reason: `Official clients look for ${clientsLookFor} in the model's name.`,
      remedy: `Keep ${clientsLookFor} in it, or leave it out.`,
      severity: 'warning',
    }),
  ];
};
