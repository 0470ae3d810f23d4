import { buildArguments } from '../../domain/image/buildArguments';
import type { Deployment, StartupProbe } from '../../domain/deployment';
import { Failure } from '../../domain/failure';
import { candidateTag, imageName, revisionName, shortSha } from '../../domain/names';
import { refuseErrors } from '../../domain/problem';
import { deploymentProblems } from '../../domain/rules';
import { DIGEST } from '../../domain/rules/pins';
import {
  type RevisionTemplate,
  revisionTemplate,
  SHA_LABEL,
  TEMPLATE_LABEL,
  templateHash,
} from '../../domain/template';

export interface ManualRelease {
  /** Full git SHA. */
  readonly sha: string;
  /** Digest of an image that is in the registry already; without it the commands build and push one. */
  readonly digest?: string;
}

/** Ends a revision's name where only the shell knows the digest, and so nobody the template hash: six of its characters. */
const DIGEST_PART = '$(printf %s "$DIGEST" | cut -c8-13)';

/** A word for a POSIX shell, as it is. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A list for a gcloud flag: commas between the values, or, where a value has one, a delimiter that none of them has
 * (`gcloud topic escaping`).
 */
export function gcloudList(values: readonly string[]): string {
  if (!values.some((value) => value.includes(',') || value.startsWith('^'))) return values.join(',');
  const delimiter = ['|', '@', '~', ';', '@@', '||'].find((each) =>
    values.every((value) => !value.includes(each)),
  );
  if (delimiter === undefined) throw new Error(`no delimiter is free for ${values.join(' ')}`);
  return `^${delimiter}^${values.join(delimiter)}`;
}

function probeFlag({ type, path, ...probe }: StartupProbe, port: number): string {
  const check = type === 'tcp' ? { 'tcpSocket.port': port } : { 'httpGet.path': path, 'httpGet.port': port };
  return pairs({ ...check, ...probe });
}

function pairs(values: Readonly<Record<string, unknown>>): string {
  return gcloudList(Object.entries(values).map(([key, value]) => `${key}=${String(value)}`));
}

/** None where there are none: gcloud takes no empty list. */
function secretsFlag({ secrets }: RevisionTemplate): string[] {
  const named = Object.entries(secrets).map(([name, { secret, version }]) => `${name}=${secret}:${version}`);
  return named.length > 0 ? [`--set-secrets ${shellQuote(gcloudList(named))}`] : [];
}

/** Words on lines of their own, joined by the shell. */
function command(...words: readonly string[]): string {
  return words.join(' \\\n  ');
}

/** Builds the image from the repository and pushes it; ends with its digest in `$DIGEST`. */
function buildAndPush(deployment: Deployment, tagged: string): string[] {
  const { region, project } = deployment;
  return [
    `gcloud auth configure-docker ${region}-docker.pkg.dev --quiet`,
    '',
    command(
      'docker build',
      '--platform linux/amd64',
      ...Object.entries(buildArguments(deployment)).map(
        ([key, value]) => `--build-arg ${shellQuote(`${key}=${value}`)}`,
      ),
      `--tag ${tagged}`,
      'gpu-container',
    ),
    '',
    `docker push ${tagged}`,
    '',
    `DIGEST=$(gcloud artifacts docker images describe ${tagged} --project ${project} --format 'value(image_summary.digest)')`,
  ];
}

/**
 * The deployment guide's Option 2, filled in: build, push and `gcloud run deploy` with every setting that Terraform would
 * write, to paste into a shell at the root of the repository. No comment stands between the commands: zsh would run it.
 * The revision gets no traffic, unless it is the service's first, which Cloud Run gives all of it.
 * @throws Failure `INVALID_DEPLOYMENT`, `BAD_DIGEST`: what it prints runs in a person's shell, so names are checked first.
 */
export function manual(deployment: Deployment, { sha, digest }: ManualRelease): string {
  refuseErrors(`deployments/${deployment.name}.yaml`, deploymentProblems(deployment));
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw new Failure({
      code: 'BAD_DIGEST',
      message: 'an image is named by its digest, never by a tag',
      where: '--digest',
      got: digest,
      remedy: 'give sha256: and 64 hexadecimal characters, or leave it out to build and push',
      exitCode: 2,
    });
  }
  const { project, region, service } = deployment;
  const tagged = `${imageName(deployment)}:${shortSha(sha)}`;
  const template = revisionTemplate(deployment, digest ?? '');
  const hash = digest === undefined ? undefined : templateHash(template);
  const suffix =
    hash === undefined
      ? `${shortSha(sha)}-${DIGEST_PART}`
      : revisionName(service, sha, hash).slice(service.length + 1);
  const tag = candidateTag(service, `${service}-$SUFFIX`);
  const labels = { [SHA_LABEL]: sha, ...(hash && { [TEMPLATE_LABEL]: hash }) };
  const where = `--project ${project} --region ${region}`;
  return [
    `# ${service} of deployment ${deployment.name}, commit ${shortSha(sha)}. Run at the root of the repository, at that commit.`,
    '# A step that fails stops the rest. A new service has no revision to keep the traffic on, so gcloud wants no --no-traffic then.',
    '(set -eu',
    ...(digest === undefined ? buildAndPush(deployment, tagged) : [`DIGEST=${digest}`]),
    `SUFFIX=${suffix}`,
    '',
    `EXISTS=$(gcloud run services list ${where} --filter metadata.name=${service} --format 'value(metadata.name)')`,
    '',
    command(
      `gcloud run deploy ${service}`,
      '${EXISTS:+--no-traffic}',
      `--image "${imageName(deployment)}@$DIGEST"`,
      `--project ${project}`,
      `--region ${region}`,
      `--revision-suffix "$SUFFIX"`,
      `--tag "${tag}"`,
      `--update-labels ${shellQuote(pairs(labels))}`,
      '--execution-environment gen2',
      `--service-account ${template.serviceAccount}`,
      '--ingress all',
      '--no-allow-unauthenticated',
      '--gpu 1',
      `--gpu-type ${template.gpu}`,
      template.gpuZonalRedundancyDisabled ? '--no-gpu-zonal-redundancy' : '--gpu-zonal-redundancy',
      `--cpu ${template.cpu}`,
      `--memory ${template.memoryGib}Gi`,
      '--no-cpu-throttling',
      '--no-cpu-boost',
      `--min-instances ${template.minInstances}`,
      `--max-instances ${template.maxInstances}`,
      `--concurrency ${template.concurrency}`,
      `--timeout ${template.requestTimeoutSeconds}`,
      `--port ${template.port}`,
      `--startup-probe ${shellQuote(probeFlag(template.startupProbe, template.port))}`,
      `--set-env-vars ${shellQuote(pairs(template.env))}`,
      ...secretsFlag(template),
      // With = since the list begins with a dash.
      `--args=${shellQuote(gcloudList(template.args))}`,
    ),
    '',
    `echo 'Send a page to the URL of the tag. If it is good, give the revision the traffic:'`,
    `echo "gcloud run services update-traffic ${service} ${where} --to-revisions ${service}-$SUFFIX=100"`,
    ')',
    '',
  ].join('\n');
}
