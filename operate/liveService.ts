import type { CloudRunCondition } from '../domain/service/conditionWords';
import type { LiveTemplate } from '../domain/service/liveTemplate';
import { servicePath } from '../domain/names';
import { sharesOf } from '../domain/releases/traffic';
import { cloudRun, type Service } from '../release/google/cloudRun';
import type { ReleaseContext } from '../release/context';
import { isStatus } from '../release/google/googleApi';

/** The service as it is, with what releases do not read: conditions, and the settings of what serves. */
export interface LiveService extends Service {
  readonly terminalCondition?: CloudRunCondition;
  /** True: nobody is asked who calls. */
  readonly invokerIamDisabled?: boolean;
  /** Those with a share of the traffic, largest first. */
  readonly serving: readonly LiveRevision[];
}

export interface LiveRevision extends LiveTemplate {
  /** Short name. */
  readonly name: string;
  readonly percent: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly conditions: readonly CloudRunCondition[];
}

type Raw = Pick<LiveService, 'terminalCondition' | 'invokerIamDisabled'>;

/** @returns undefined where there is no service. A revision that a share names and that is gone is left out. */
export async function liveService(context: ReleaseContext): Promise<LiveService | undefined> {
  const { call, deployment } = context;
  const path = `/v2/${servicePath(deployment)}`;
  const service = await cloudRun(call, deployment).service();
  if (service === undefined) return undefined;
  const { terminalCondition, invokerIamDisabled } = (await call<Raw>('run', { path })).data;
  const shares = [...sharesOf(service.trafficStatuses)].sort(([, a], [, b]) => b - a);
  const serving = await Promise.all(
    shares.map(async ([name, percent]): Promise<LiveRevision[]> => {
      try {
        const revision = (await call<Partial<LiveRevision>>('run', { path: `${path}/revisions/${name}` }))
          .data;
        return [{ labels: {}, conditions: [], ...revision, name, percent }];
      } catch (error) {
        if (isStatus(error, 404)) return [];
        throw error;
      }
    }),
  );
  return {
    ...service,
    ...(terminalCondition && { terminalCondition }),
    ...(invokerIamDisabled !== undefined && { invokerIamDisabled }),
    serving: serving.flat(),
  };
}
