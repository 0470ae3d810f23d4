import { imageName, REPOSITORY } from '../names';
import { anyOf, conditionsWith, type Pattern, shown } from './evidence';
import type { Case } from './symptoms';

const GONE: Pattern = {
  words: /Image '([^']+)' not found\./,
  source: 'https://cloud.google.com/run/docs/troubleshooting, condition of a revision',
};
const REFUSED: readonly Pattern[] = [
  {
    words: /must have permission to read the image, \S+/,
    source: 'https://cloud.google.com/run/docs/deploying#other-projects, condition of a revision',
  },
  {
    words: /[Pp]ermission ['"\\]*artifactregistry\.repositories\.downloadArtifacts['"\\]* denied/,
    source: 'https://cloud.google.com/artifact-registry/docs/docker/troubleshoot',
  },
];
const PATTERNS = [GONE, ...REFUSED];

/** The guide's "Model Load Failure", first half: Cloud Run cannot read the image, by rights or because it is gone. */
export const imageNotReadable: Case = ({ deployment, revisions, lines }) =>
  revisions.flatMap((revision) => {
    const evidence = [
      ...conditionsWith(revision.name, revision.conditions, PATTERNS),
      ...shown(anyOf(lines, revision, PATTERNS)),
    ];
    if (evidence.length === 0) return [];
    const { project, region, name } = deployment;
    const gone = evidence.some(({ text }) => GONE.words.test(text));
    const image = imageName(deployment);
    return [
      {
        id: 'image-not-readable',
        guide: 'Model Load Failure',
        what: gone
          ? 'The image is not in the registry: deleted, or cleaned up.'
          : 'Cloud Run may not read the image.',
        certainty: 'named',
        because: 'the revision’s condition says so.',
        revision: revision.name,
        evidence,
        remedies: gone
          ? [
              {
                does: 'see what the registry has',
                command: `gcloud artifacts docker images list ${image} --include-tags --project=${project}`,
              },
              {
                does: 'build it again; an image of the same content is made only where none is left',
                command: `bin/lightonocr build ${name} --sha HEAD`,
              },
            ]
          : [
              {
                does: 'let Cloud Run’s own agent read the repository (the Foundation stack’s project has it by itself)',
                command: `gcloud artifacts repositories add-iam-policy-binding ${REPOSITORY} --location=${region} --project=${project} --role=roles/artifactregistry.reader --member="serviceAccount:service-$(gcloud projects describe ${project} --format='value(projectNumber)')@serverless-robot-prod.iam.gserviceaccount.com"`,
              },
              {
                does: 'whoever deploys has to read it too; the stacks give both',
                command: `bin/lightonocr bootstrap ${name} --run foundation`,
              },
            ],
      },
    ];
  });
