/** What commands take from the environment, besides the release that synth reads. All of it is optional. */
export interface ReleaseEnvironment {
  /** `LIGHTONOCR_ENDPOINT`: base URL for all Google APIs. */
  readonly endpoint?: string;
  /** `GOOGLE_OAUTH_ACCESS_TOKEN`, as Terraform's provider reads it; else application default credentials. */
  readonly accessToken?: string;
  /** `LIGHTONOCR_INVOKER`: e-mail of the account that identity tokens are minted for, by IAM Credentials. */
  readonly invoker?: string;
  /** `LIGHTONOCR_ID_TOKEN`: an identity token of one's own, from `gcloud auth print-identity-token`. */
  readonly identityToken?: string;
  /** `LIGHTONOCR_API_KEY`: what `ocr --url` shows a server that asks for a key (vLLM's `--api-key`). */
  readonly apiKey?: string;
  /** `LIGHTONOCR_PASSWORD`: opens PDFs that ask for one. */
  readonly password?: string;
  /** `LIGHTONOCR_TERRAFORM`: path or name of Terraform. */
  readonly terraform?: string;
  /** Variables for Terraform alone. */
  readonly terraformEnvironment?: Readonly<Record<string, string>>;
  /** `GITHUB_RUN_ID`: names the lease's holder; a rerun of the same run goes on with it. */
  readonly runId?: string;
  /** From `GITHUB_SERVER_URL`, `GITHUB_REPOSITORY` and `GITHUB_RUN_ID`. */
  readonly runUrl?: string;
  /** `GITHUB_ACTOR`, for the history. */
  readonly user?: string;
}

/** Reads them; an empty variable counts as not set, since workflows pass them so. */
export function releaseEnvironment(env: Readonly<Record<string, string | undefined>>): ReleaseEnvironment {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: runId } = env;
  const read = {
    endpoint: env.LIGHTONOCR_ENDPOINT,
    accessToken: env.GOOGLE_OAUTH_ACCESS_TOKEN,
    invoker: env.LIGHTONOCR_INVOKER,
    identityToken: env.LIGHTONOCR_ID_TOKEN,
    apiKey: env.LIGHTONOCR_API_KEY,
    password: env.LIGHTONOCR_PASSWORD,
    terraform: env.LIGHTONOCR_TERRAFORM,
    user: env.GITHUB_ACTOR,
    runId,
    runUrl: server && repository && runId ? `${server}/${repository}/actions/runs/${runId}` : undefined,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value));
}
