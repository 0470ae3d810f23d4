/* eslint-disable @typescript-eslint/no-explicit-any -- JSON is read as its readers read it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { terraform } from '../../../rehearsal/terraform/main';
import { type FakeCloudRun, startFakeCloudRun } from './fakeCloudRun';

export const ADDRESS = 'google_cloud_run_v2_service.service';
export const SERVICE = 'projects/p/locations/us-central1/services/lightonocr-gpu';
export const pinned = (revision: string): Record<string, unknown>[] => [
  { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision, percent: 100 },
];

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** A directory with what cdktf 0.21 writes for a `CloudRunV2Service`, initialized, and a Cloud Run to apply it to. */
export interface Workspace {
  readonly cloud: FakeCloudRun;
  readonly directory: string;
  readonly environment: Record<string, string | undefined>;
  readonly sleeps: number[];
  run(...args: string[]): Promise<Run>;
  /** Writes `cdk.tf.json` anew, edited: the whole and the service's body. */
  configure(edit: (json: any, service: any) => void): void;
  /** `plan -detailed-exitcode -out=NAME`; the exit code. */
  plan(name: string): Promise<number>;
  show(name: string): Promise<any>;
  apply(name: string): Promise<Run>;
  /** Plans and applies; the apply. */
  converge(): Promise<Run>;
  close(): Promise<void>;
}

export async function openWorkspace(): Promise<Workspace> {
  const cloud = await startFakeCloudRun();
  const directory = mkdtempSync(join(tmpdir(), 'stand-in-'));
  const environment: Workspace['environment'] = {
    GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT: cloud.endpoint,
    GOOGLE_OAUTH_ACCESS_TOKEN: 'token-1',
  };
  const sleeps: number[] = [];
  const workspace: Workspace = {
    ...{ cloud, directory, environment, sleeps },
    run: async (...args) => {
      let [out, error] = ['', ''];
      const code = await terraform(args, {
        ...{ directory, environment },
        print: (text) => (out += text),
        printError: (text) => (error += text),
        sleep: async (milliseconds) => void sleeps.push(milliseconds),
        fetch,
      });
      return { code, out, error };
    },
    configure: (edit) => {
      const json = JSON.parse(readFileSync(join(__dirname, 'cdk.tf.json'), 'utf8'));
      edit(json, json.resource.google_cloud_run_v2_service.service);
      writeFileSync(join(directory, 'cdk.tf.json'), JSON.stringify(json));
    },
    plan: async (name) => {
      const ran = await workspace.run(
        'plan',
        '-input=false',
        '-no-color',
        '-detailed-exitcode',
        `-out=${name}`,
      );
      if (ran.code === 1) throw new Error(ran.error);
      return ran.code;
    },
    show: async (name) => JSON.parse((await workspace.run('show', '-json', name)).out),
    apply: (name) => workspace.run('apply', '-input=false', '-no-color', name),
    converge: async () => {
      await workspace.plan('converge');
      return workspace.apply('converge');
    },
    close: async () => {
      await cloud.close();
      rmSync(directory, { recursive: true });
    },
  };
  workspace.configure(() => undefined);
  await workspace.run('init', '-input=false', '-no-color');
  return workspace;
}
