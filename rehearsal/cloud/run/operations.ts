import { randomUUID } from 'node:crypto';
import { type Clock, deadlineBy } from '../../../ocr/clock';
import { GoogleError, notFound } from '../googleError';
import { jsonBody, type Json, type RouteTable } from '../routes';

interface Operation {
  readonly name: string;
  readonly metadata: Json;
  done: boolean;
  response?: Json;
  error?: { readonly code: number; readonly message: string };
  readonly finished: Promise<void>;
}

/** google.rpc.Code of a change that was accepted and then could not be made. */
const FAILED_PRECONDITION = 9;
/** Longest `:wait`, as the API allows. */
const WAIT_SECONDS = 30;

/** Long-running operations (https://google.aip.dev/151). */
export interface Operations {
  /**
   * Starts one below `parent`; it ends with what `work` resolves to, or with an error of its message.
   * @param describe the resource as it is now, with its `@type`.
   */
  begin(parent: string, describe: () => Json, work: Promise<unknown>): Json;
  readonly routes: RouteTable;
}

export function operations(clock: Clock): Operations {
  const known = new Map<string, Operation>();

  const answer = ({ name, done, metadata, response, error }: Operation): Json => ({
    name,
    metadata,
    ...(done && { done }),
    ...(response && { response }),
    ...(error && { error }),
  });
  const find = (name: string) => {
    const operation = known.get(name);
    if (!operation) throw notFound(name);
    return operation;
  };

  return {
    begin(parent, describe, work) {
      const finished = work.then(
        () => void (operation.response = describe()),
        (error: Error) => void (operation.error = { code: FAILED_PRECONDITION, message: error.message }),
      );
      const operation: Operation = {
        name: `${parent}/operations/${randomUUID()}`,
        metadata: describe(),
        done: false,
        finished: finished.then(() => void (operation.done = true)),
      };
      known.set(operation.name, operation);
      return answer(operation);
    },
    routes: {
      'GET /v2/{name=projects/*/locations/*/operations/*}': (_call, name) => answer(find(name)),
      'POST /v2/{name=projects/*/locations/*/operations/*}:wait': async (call, name) => {
        const operation = find(name);
        const seconds = parseFloat((jsonBody(call).timeout as string | undefined) ?? `${WAIT_SECONDS}s`);
        if (Number.isNaN(seconds))
          throw new GoogleError('INVALID_ARGUMENT', 'timeout: expected a duration such as "30s".');
        const { signal, end } = deadlineBy(clock)(Math.min(seconds, WAIT_SECONDS));
        const late = new Promise((resolve) => signal.addEventListener('abort', resolve));
        await Promise.race([operation.finished, late]).finally(end);
        return answer(operation);
      },
    },
  };
}
