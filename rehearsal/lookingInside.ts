import { servingRevision } from '../domain/releases/traffic';
import type { ReleaseContext } from '../release/ports/context';
import { DEPLOYMENT, type Stage } from './stage';

/** What can be typed in another terminal while the local cloud stays up; every command of it works there. */
export async function lookingInside(
  { cloud, terraform, directory }: Pick<Stage, 'cloud' | 'terraform' | 'directory'>,
  context: Pick<ReleaseContext, 'deployment' | 'cloudRun' | 'ledger'>,
): Promise<string[]> {
  const target = await anotherThatServed(context);
  return [
    `The local cloud stays up: ${cloud.url} (Ctrl-C ends it). From another terminal:`,
    `  export LIGHTONOCR_ENDPOINT=${cloud.url} GOOGLE_OAUTH_ACCESS_TOKEN=rehearsal LIGHTONOCR_INVOKER=me@example.com LIGHTONOCR_TERRAFORM=${terraform}`,
    `  bin/lightonocr status ${DEPLOYMENT}`,
    `  bin/lightonocr history ${DEPLOYMENT}`,
    `  bin/lightonocr logs ${DEPLOYMENT}`,
    `  bin/lightonocr ocr ${DEPLOYMENT} release/golden/page.png`,
    ...(target === undefined
      ? []
      : [`  bin/lightonocr rollback ${DEPLOYMENT} --to ${target} --reason "just looking"`]),
    'plan, apply, release and restart do not work there: commits and Terraform’s state are the rehearsal’s own',
    `logs of every revision: ${directory}/logs`,
  ];
}

/**
 * The newest revision that has served and does not now. The scenario ends on the oldest, so a rollback that names none has
 * nowhere to go. Undefined where there is none, as once everything was taken away.
 */
async function anotherThatServed({
  deployment,
  cloudRun,
  ledger,
}: Pick<ReleaseContext, 'deployment' | 'cloudRun' | 'ledger'>): Promise<string | undefined> {
  const [service, known] = [await cloudRun.service(), await ledger.read()];
  if (!service || !known) return undefined;
  const serving = servingRevision(deployment.service, service.trafficStatuses, known.intent?.revision);
  return known.releases.find(({ servedAt, revision }) => servedAt !== undefined && revision !== serving)
    ?.revision;
}
