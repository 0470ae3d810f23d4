import { Failure } from '../domain/failure';

/** An option that no page could be read with: said when it is given, not with every page. */
export function badOption(name: string, got: unknown, wanted: string): Failure {
  return new Failure({
    code: 'BAD_OPTION',
    message: `The option ${name} is not what it must be.`,
    where: name,
    got: String(got),
    remedy: `give ${wanted}`,
    exitCode: 2,
  });
}
