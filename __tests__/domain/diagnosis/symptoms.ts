import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill, type Given } from '../../../deployments/fill';
import { loadDeployment } from '../../../deployments/load';
import type { Deployment } from '../../../domain/deployment';
import type { Condition, SeenRevision, Symptoms } from '../../../domain/diagnosis/symptoms';
import { type RawLogEntry, readLogEntry } from '../../../domain/logs/logEntry';
import { REVISION } from '../../../domain/releases/traffic';
import { vllmArgs } from '../../../domain/vllmArgs';

/** A deployment that no rule has anything to say about. */
export const deployment: Deployment = fill<Deployment>(loadDeployment('small'), {
  project: 'p-roject',
  service: 's',
  image: { baseDigest: `sha256:${'a'.repeat(64)}` },
  model: { revision: 'a'.repeat(40) },
  notifications: { emails: ['oncall@example.com'] },
});
export const changed = (change: Given<Deployment>) => fill<Deployment>(deployment, change);

/** A revision that serves and has nothing wrong. */
export const revision = (change: Partial<SeenRevision> = {}): SeenRevision => ({
  name: 's-a',
  ready: 'yes',
  conditions: [],
  percent: 100,
  args: vllmArgs(deployment),
  port: 8000,
  probePath: '/health',
  startSeconds: 480,
  requestTimeoutSeconds: 600,
  ...change,
});

const ALL = [{ type: REVISION, revision: 's-a', percent: 100 }];

export const symptoms = (change: Partial<Symptoms> = {}): Symptoms => ({
  deployment,
  service: { conditions: [], stopped: false, traffic: ALL, trafficStatuses: ALL },
  revisions: [revision()],
  lines: [],
  quota: [],
  holds: [],
  ...change,
});

/** A raw entry of the revision, read as the API's are. */
export const line = (raw: RawLogEntry, of = 's-a') =>
  readLogEntry({ ...raw, resource: { labels: { revision_name: of } } });

/** The container says it, at a second of 12:00. */
export const says = (text: string, second = 0) =>
  line({
    insertId: String(second),
    timestamp: `2026-11-25T12:00:${String(second).padStart(2, '0')}Z`,
    logName: 'projects/p/logs/run.googleapis.com%2Fstderr',
    textPayload: text,
  });

export interface Recorded {
  readonly file: string;
  readonly case: string;
  /** Where messages of this shape are found. */
  readonly source: readonly string[];
  readonly ready: 'yes' | 'no';
  /** The words that show the case. */
  readonly shown: string;
  readonly conditions: readonly Condition[];
  readonly entries: readonly RawLogEntry[];
}

const FOLDER = join(__dirname, '../../fixtures/logs');

/** Every recorded shape of `__tests__/fixtures/logs`: Google's and vLLM's words, with names of our own. */
export const recorded: readonly Recorded[] = readdirSync(FOLDER).map((file) => ({
  ...(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Omit<Recorded, 'file'>),
  file,
}));
