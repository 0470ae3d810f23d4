import { GoogleError, invalid, notFound } from './googleError';
import type { ResourceStore } from './resourceStore';
import { type Call, jsonBody, type Json, type RouteTable } from './routes';

/** A container's reference to a version of a secret. */
export interface SecretRef {
  /** Short name, or `projects/P/secrets/NAME`. */
  readonly secret?: string;
  readonly version?: string;
}

export interface Secrets {
  /**
   * The value for an account.
   * @throws GoogleError in Cloud Run's words where there is no such version, or the account may not read it.
   */
  valueFor(account: string, project: string, ref: SecretRef): string;
  readonly routes: RouteTable;
}

const ACCESSOR = 'roles/secretmanager.secretAccessor';

/** Versions of Secret Manager v1's secrets; the secrets themselves are resources like others (`resourceKinds.ts`). */
export function secrets({ has, policyOf }: Pick<ResourceStore, 'has' | 'policyOf'>): Secrets {
  const versions = new Map<string, Buffer[]>();
  const find = (name: string, version: string): Buffer => {
    const all = versions.get(name) ?? [];
    const found = all[version === 'latest' ? all.length - 1 : Number(version) - 1];
    if (!found) throw notFound(`${name}/versions/${version}`);
    return found;
  };
  const mayRead = (account: string, name: string) =>
    ((policyOf(name).bindings ?? []) as { role: string; members: readonly string[] }[]).some(
      ({ role, members }) => role === ACCESSOR && members.includes(`serviceAccount:${account}`),
    );

  return {
    valueFor(account, project, { secret = '', version = '' }) {
      const name = secret.includes('/') ? secret : `projects/${project}/secrets/${secret}`;
      const full = `${name}/versions/${version}`;
      if (!has(name)) throw invalid(`Secret ${full} was not found`);
      if (!mayRead(account, name)) {
        throw new GoogleError(
          'INVALID_ARGUMENT',
          `Permission denied on secret: ${full} for Revision service account ${account}. The service account used must be granted the 'Secret Manager Secret Accessor' role (${ACCESSOR}) at the secret, project or higher level.`,
        );
      }
      return find(name, version).toString();
    },
    routes: {
      'POST /v1/{parent=projects/*/secrets/*}:addVersion': (call: Call, name): Json => {
        if (!has(name)) throw notFound(name);
        const { data } = (jsonBody(call).payload ?? {}) as { data?: string };
        if (data === undefined) throw invalid('payload.data: must be set.');
        const all = [...(versions.get(name) ?? []), Buffer.from(data, 'base64')];
        versions.set(name, all);
        return { name: `${name}/versions/${all.length}`, state: 'ENABLED' };
      },
    },
  };
}
