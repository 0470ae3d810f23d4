import type { Deployment } from '../../domain/deployment';
import { Failure } from '../../domain/failure';
import { findModel } from '../../domain/models';
import { serveFlags } from '../../domain/service/liveTemplate';
import type { ReleaseContext } from '../../release/ports/context';
import { requireService } from '../../release/checks/requireService';
import { clientFor } from '../../release/checks/golden';
import type { OcrClient } from '../../ocr/client';

/** A revision that can be asked. */
export interface Asked {
  readonly revision: string;
  readonly model: string;
  readonly client: OcrClient;
  readonly longestSidePixels: number;
}

type Part = Pick<ReleaseContext, 'deployment' | 'cloudRun' | 'identityToken' | 'call' | 'clock' | 'fetch'>;

/** A deployment as a revision's own command line has it, as far as a client goes. */
function asServed(deployment: Deployment, args: readonly string[]): Deployment {
  const flags = serveFlags(args);
  const id = flags.get('model') ?? deployment.model.id;
  const servedName = flags.get('served-model-name');
  const other = id === deployment.model.id ? undefined : findModel(id);
  return {
    ...deployment,
    model: { id, ...(servedName !== undefined && { servedName }) },
    vllm: {
      ...deployment.vllm,
      maxModelLen: Number(flags.get('max-model-len') ?? deployment.vllm.maxModelLen),
    },
    ...(other && {
      page: { longestSidePixels: other.grid.longestSidePixels, textTokens: other.textTokens },
    }),
  };
}

async function asked(context: Part, revision: string, audience: string, url: string): Promise<Asked> {
  const live = await context.cloudRun.revision(revision);
  const deployment = asServed(context.deployment, live?.containers?.[0]?.args ?? []);
  return {
    revision,
    model: deployment.model.id,
    client: clientFor({ ...context, deployment }, audience, url),
    longestSidePixels: deployment.page.longestSidePixels,
  };
}

/**
 * What serves, and the candidate: a revision by its name, or a model that a tagged revision has. Each is asked by itself: what
 * serves by the service's URL, the candidate by its tag's.
 * @throws Failure NO_SERVICE; `NO_CANDIDATE`, exit code 2: no such revision with a tag.
 */
export async function bothSides(
  context: Part & ReleaseContext,
  wanted: string,
): Promise<{ served: Asked; candidate: Asked }> {
  const { uri, trafficStatuses } = await requireService(context);
  const [serving] = [...trafficStatuses].sort((a, b) => (b.percent ?? 0) - (a.percent ?? 0));
  const tagged = trafficStatuses.flatMap(({ tag, revision, uri: url }) =>
    tag !== undefined && revision !== undefined && url !== undefined ? [{ revision, url }] : [],
  );
  const served = await asked(context, serving?.revision ?? '', uri, uri);
  const others = await Promise.all(tagged.map(({ revision, url }) => asked(context, revision, uri, url)));
  const { service } = context.deployment;
  const isWanted = ({ revision, model }: Asked) =>
    wanted.includes('/') ? model === wanted : revision === wanted || revision === `${service}-${wanted}`;
  const candidate = others.find((each) => isWanted(each));
  if (candidate) return { served, candidate };
  throw noCandidate(context.deployment, wanted, others);
}

function noCandidate({ name, service }: Deployment, wanted: string, others: readonly Asked[]): Failure {
  const found = others.map(({ revision, model }) => `${revision} (${model})`).join(', ');
  return new Failure({
    code: 'NO_CANDIDATE',
    message: `No revision with a tag is ${wanted.includes('/') ? `of the model ${wanted}` : `called ${wanted}`}.`,
    where: `service ${service}`,
    got: found === '' ? 'no tagged revision' : found,
    remedy: `an applied candidate has a tag until its release ends: write model.id, then bin/lightonocr build ${name} --sha HEAD, plan and apply; or tag a revision: gcloud run services update-traffic ${service} --set-tags compare=REVISION`,
    exitCode: 2,
  });
}
