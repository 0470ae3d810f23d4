import { Failure } from '../domain/failure';
import { MAX_NAME_LENGTH } from '../domain/names';
import type { ReleaseIdentity, RevisionTemplate } from '../domain/template';

/** What is checked of the construct's props. */
interface CheckedProps {
  readonly name: string;
  readonly template: RevisionTemplate;
  readonly release: ReleaseIdentity;
}

interface Check {
  readonly prop: string;
  readonly got: string;
  readonly wanted: string;
  readonly holds: boolean;
}

/** What only the construct can see: the identity of a release and how it fits the template. */
function checks({ name, release, template }: CheckedProps): Check[] {
  const { startupProbe } = template;
  return [
    {
      prop: 'template.image',
      got: template.image,
      wanted: 'an image by digest, NAME@sha256:<64 hexadecimal>: a tag can be moved under a running service',
      holds: /^[^@\s]+@sha256:[0-9a-f]{64}$/.test(template.image),
    },
    {
      prop: 'release.digest',
      got: release.digest,
      wanted: `the digest of template.image (${template.image})`,
      holds: template.image.endsWith(`@${release.digest}`),
    },
    {
      prop: 'release.sha',
      got: release.sha,
      wanted: 'a full git SHA, 40 hexadecimal characters',
      holds: /^[0-9a-f]{40}$/.test(release.sha),
    },
    {
      prop: 'release.revision',
      got: release.revision,
      wanted: `${name}-<suffix>, lower case, digits and dashes, at most ${MAX_NAME_LENGTH} characters`,
      holds:
        release.revision.startsWith(`${name}-`) &&
        release.revision.length <= MAX_NAME_LENGTH &&
        /^[a-z][a-z0-9-]*[a-z0-9]$/.test(release.revision),
    },
    {
      prop: 'template.startupProbe.path',
      got: String(startupProbe.path),
      wanted: 'an absolute path for an HTTP probe, none for a TCP probe',
      holds: startupProbe.type === 'http' ? startupProbe.path?.startsWith('/') === true : !startupProbe.path,
    },
  ];
}

/**
 * Refuses, before any resource is built, what the provider would let through and the API refuse halfway through an apply.
 * The shape of the machine and the numbers of the probe are rules of the deployment (`domain/rules/`).
 * @throws Failure `INVALID_SERVICE` with every broken prop.
 */
export function refuseInvalidService(constructPath: string, props: CheckedProps): void {
  const broken = checks(props).filter((check) => !check.holds);
  if (broken.length === 0) return;
  throw new Failure({
    code: 'INVALID_SERVICE',
    message: broken.map((check) => `${check.prop} must be ${check.wanted}`).join('; '),
    where: constructPath,
    got: broken.map((check) => `${check.prop}: ${check.got}`).join('; '),
    remedy:
      'let the release engine choose image and revision name, or set LIGHTONOCR_SHA, _DIGEST and _REVISION as said',
    exitCode: 2,
  });
}
