import { Failure } from '../domain/failure';
import { findModel } from '../domain/models';
import type { ServedModel } from './client';

/**
 * The model to ask on a server of which nothing is known: the one of that name, else the only one, else the only one whose name or
 * root is a known model's (`domain/models/`).
 * @throws Failure MODEL_NOT_SERVED for a name that is not served, MODEL_NOT_NAMED where several could be meant.
 */
export function chooseModel(
  served: readonly ServedModel[],
  wanted: string | undefined,
  baseUrl: string,
): ServedModel {
  const names = served.map(({ name }) => name).join(', ') || 'no models';
  const details = { where: `${baseUrl}/v1/models`, got: names };
  if (wanted !== undefined) {
    const named = served.find(({ name }) => name === wanted);
    if (named) return named;
    const message = `The server is up and does not serve ${wanted}.`;
    throw new Failure({
      ...details,
      code: 'MODEL_NOT_SERVED',
      message,
      remedy: 'name one of these with --model',
      exitCode: 1,
    });
  }
  const known = served.filter(({ name, root = '' }) => findModel(name) ?? findModel(root));
  const only = served.length === 1 ? served[0] : known.length === 1 ? known[0] : undefined;
  if (only) return only;
  throw new Failure({
    ...details,
    code: 'MODEL_NOT_NAMED',
    message: 'The server does not say which model reads documents.',
    remedy: 'name it: --model NAME',
    exitCode: 2,
  });
}
