/** An answer in vLLM's error form, `{"error": {message, type, param, code}}`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly type = 'BadRequestError',
    readonly param: string | null = null,
  ) {
    super(message);
  }

  get body(): unknown {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.status } };
  }
}

/** A parameter that vLLM itself refuses; it says the parameter and its value again at the end. */
export const refusedValue = (message: string, param: string, value: string | number): ApiError =>
  new ApiError(400, `${message} (parameter=${param}, value=${value})`, undefined, param);

/** One of FastAPI's problems with a body, before vLLM sees it. */
export interface Invalid {
  readonly type: string;
  /** `body.max_tokens`. */
  readonly loc: string;
  readonly msg: string;
  readonly input?: string;
  readonly ctx?: string;
}

/** A body of the wrong form: the type is `Bad Request`, with a space, and the first problem's place stands in `param`. */
export function invalidBody(problems: readonly Invalid[]): ApiError {
  const lines = problems.map(({ type, loc, msg, input, ctx }) => {
    const rest = [
      ...(input === undefined ? [] : [`, 'input': '${input}'`]),
      ...(ctx === undefined ? [] : [`, 'ctx': {'error': '${ctx}'}`]),
    ].join('');
    return `  {'type': '${type}', 'loc': '${loc}', 'msg': '${msg}'${rest}}`;
  });
  const counted = `${problems.length} validation error${problems.length === 1 ? '' : 's'}:`;
  return new ApiError(400, [counted, ...lines].join('\n'), 'Bad Request', problems[0]?.loc ?? null);
}
