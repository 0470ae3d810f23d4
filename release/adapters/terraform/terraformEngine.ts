import { Failure } from '../../../domain/failure';
import {
  type Engine,
  ENGINES,
  isAtLeast,
  otherEngine,
  providersOfState,
  readEngine,
  sourcesOfOther,
} from '../../../domain/terraform/engine';

interface FoundEngine {
  readonly engine: Engine;
  readonly version: string;
}

/**
 * Which of the two programs this is, before it has touched anything.
 * @param said what `PROGRAM version` printed. @param wanted the deployment's `terraform.engine`.
 * @throws Failure, exit code 2: `UNKNOWN_ENGINE`, `ENGINE_TOO_OLD`, `ENGINE_NOT_WANTED`.
 */
export function assertEngine(program: string, said: string, wanted: Engine | undefined): FoundEngine {
  const found = readEngine(said);
  const fail = (failure: { code: string; message: string; remedy: string }) =>
    new Failure({ ...failure, where: program, got: said.split('\n')[0], exitCode: 2 });
  if (found === undefined) {
    throw fail({
      code: 'UNKNOWN_ENGINE',
      message: 'This program is neither Terraform nor OpenTofu.',
      remedy: 'name one of the two: --terraform PATH, or LIGHTONOCR_TERRAFORM',
    });
  }
  const { title, least } = ENGINES[found.engine];
  if (!isAtLeast(found.version, least)) {
    throw fail({
      code: 'ENGINE_TOO_OLD',
      message: `The project needs ${title} ${least} or newer.`,
      remedy: `install ${title} ${least} or newer, or name it: --terraform PATH`,
    });
  }
  if (wanted !== undefined && wanted !== found.engine) {
    throw fail({
      code: 'ENGINE_NOT_WANTED',
      message: `The deployment is run with ${ENGINES[wanted].title}, and this is ${title}.`,
      remedy: `name ${ENGINES[wanted].title}: --terraform PATH or LIGHTONOCR_TERRAFORM; or write terraform: {engine: ${found.engine}} into the deployment`,
    });
  }
  return found;
}

/**
 * The state names the other engine's registry: that one wrote it. An apply would rewrite every provider's address, even
 * without a change, and the other could not go on with it (measured, OpenTofu 1.12.6).
 * @returns Failure `OTHER_ENGINE`, exit code 3.
 */
export function otherEngineFailure(
  program: string,
  directory: string,
  engine: Engine,
  found: readonly string[],
): Failure {
  const [own, other] = [ENGINES[engine], ENGINES[otherEngine(engine)]];
  const moves = found.map(
    (source) =>
      `${program} -chdir=${directory} state replace-provider ${source} ${source.replace(other.registry, own.registry)}`,
  );
  return new Failure({
    code: 'OTHER_ENGINE',
    message: `${other.title} wrote this state, and ${own.title} is at work; nothing was changed.`,
    where: directory,
    got: found.join(', '),
    remedy: `go on with ${other.title}: --terraform ${otherEngine(engine)}, and terraform: {engine: ${otherEngine(engine)}} in the deployment; to move the stack to ${own.title} for good, with nobody else at work: ${moves.join(' && ')}`,
    exitCode: 3,
  });
}

/**
 * Looks at a state that OpenTofu would take over silently: it reads Terraform's addresses as its own.
 * @param pulled what `state pull` printed; empty where there is no state yet.
 * @throws Failure, exit code 3: `OTHER_ENGINE`, `STATE_NEWER`.
 */
export function assertOwnState(
  program: string,
  directory: string,
  { engine, version }: FoundEngine,
  pulled: string,
): void {
  if (pulled.trim() === '') return;
  const state = JSON.parse(pulled) as { terraform_version?: string };
  const others = sourcesOfOther(providersOfState(state), engine);
  if (others.length > 0) throw otherEngineFailure(program, directory, engine, others);
  const wrote = state.terraform_version ?? '0.0.0';
  const minor = wrote.split('.').slice(0, 2).join('.');
  if (!isAtLeast(version, minor)) throw newerStateFailure(directory, engine, version, wrote);
}

/** @returns Failure `STATE_NEWER`, exit code 3. */
export function newerStateFailure(
  directory: string,
  engine: Engine,
  version: string | undefined,
  wrote: string,
): Failure {
  const { title } = ENGINES[engine];
  return new Failure({
    code: 'STATE_NEWER',
    message: `A newer ${title} wrote this state; nothing was changed.`,
    where: directory,
    got: `${title} ${wrote} wrote it${version === undefined ? '' : `, this is ${version}`}`,
    remedy: `install ${title} ${wrote} or newer, or name it: --terraform PATH`,
    exitCode: 3,
  });
}
