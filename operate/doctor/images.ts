import { IMAGE, imageName, REPOSITORY, shortSha } from '../../domain/names';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';
import { found, placePath } from './look';

interface Repository {
  readonly format?: string;
  readonly mode?: string;
}

/** The repository, and the image of a commit or of what serves. */
export const images: Check = {
  id: 'images',
  about: 'the registry, and the image of --sha or of what serves',
  run: async (patient) =>
    (
      await Promise.all([
        lookAt(patient, `repository ${REPOSITORY}`, () => repository(patient)),
        lookAt(patient, `image ${IMAGE}`, () =>
          patient.sha === undefined ? servingImage(patient) : imageOf(patient, patient.sha),
        ),
      ])
    ).flat(),
};

async function repository({ context, look }: Patient): Promise<Seen> {
  const subject = `repository ${REPOSITORY}`;
  const { api, path } = placePath(context, 'images');
  const there = await found<Repository>(context, api, path);
  const { region } = context.deployment;
  if (there === undefined)
    return seen(await look.missing(), subject, `is not in ${region}`, await look.mend('foundation'));
  if (there.format !== 'DOCKER')
    return seen('wrong', subject, `holds ${there.format}, not DOCKER`, await look.mend('foundation'));
  return ok(subject, `holds Docker images, in ${region}`);
}

async function imageOf({ context, look }: Patient, sha: string): Promise<Seen> {
  const { registry, deployment } = context;
  const subject = `image of ${shortSha(sha)}`;
  const digest = await registry.digestOf(shortSha(sha));
  if (digest !== undefined) return ok(subject, digest);
  const situation = await look.situation();
  const mend =
    situation === 'released'
      ? `bin/lightonocr build ${deployment.name} --sha ${sha}`
      : await look.mend('image');
  return seen('not yet', subject, 'has not been built', mend);
}

/** A cold start pulls it, and a rollback to it too. */
async function servingImage({ context, look }: Patient): Promise<Seen> {
  const { registry, deployment } = context;
  const subject = 'image that serves';
  const service = await look.service();
  const image = service?.serving[0]?.containers?.[0]?.image;
  if (service === undefined || image === undefined)
    return seen(await look.missing(), subject, 'nothing serves', await look.mend('image'));
  const digest = image.split('@')[1];
  if (!image.startsWith(imageName(deployment)))
    return seen('wrong', subject, `${image} is not in ${imageName(deployment)}`, await look.mend('image'));
  if (digest === undefined)
    return seen(
      'wrong',
      subject,
      `${image} is named by a tag, which can be moved`,
      await look.mend('service'),
    );
  if (await registry.has(digest)) return ok(subject, digest);
  return seen(
    'wrong',
    subject,
    `${digest} is gone from the registry: no instance of it can start`,
    `bin/lightonocr build ${deployment.name} --sha HEAD --no-cache, then plan, apply and release`,
  );
}
