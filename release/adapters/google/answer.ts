import { z } from 'zod';
import { Failure } from '../../../domain/failure';
import type { Api, ApiRequest, ApiResponse, CallApi } from './googleApi';

/** Reads of an answer that is not the thing, a proxy's page or a truncated one: it is a fault of transport. */
const READS = 3;

/**
 * Calls an API whose answer is decided upon: a 200 that does not fit the schema is read again, and is no answer then.
 * @throws Failure `API_MALFORMED` (3); a write that is answered so may have landed, and is not sent again here.
 */
export async function callFor<T>(
  call: CallApi,
  api: Api,
  request: ApiRequest,
  schema: z.ZodType<T>,
): Promise<ApiResponse<T>> {
  const isRead = (request.method ?? 'GET') === 'GET';
  for (let tries = 1; ; tries++) {
    const answer = await call<unknown>(api, request);
    const parsed = schema.safeParse(answer.data);
    if (parsed.success) return { ...answer, data: parsed.data };
    if (!isRead || tries === READS)
      throw malformed(request, `${describe(answer.data)}: ${z.prettifyError(parsed.error)}`);
  }
}

export function malformed({ method = 'GET', path }: ApiRequest, got: string): Failure {
  return new Failure({
    code: 'API_MALFORMED',
    message: "An answer of Google's API is not what it should be; something in between may have answered.",
    where: `${method} ${path}`,
    got: got.replace(/\s+/g, ' ').slice(0, 300),
    remedy: 'see that nothing between this machine and Google answers in its place, a proxy for instance',
    exitCode: 3,
  });
}

function describe(data: unknown): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${(text ?? 'nothing').slice(0, 80)}`;
}
