import { z } from 'zod';
import type { Deployment } from '../../domain/deployment';
import { Failure } from '../../domain/failure';
import { isTransient } from '../../domain/releases/next/faults';
import type { Ledger, ReleaseState } from '../../domain/releases/ledger';
import { bucketName, ledgerObject } from '../../domain/names';
import { restoreLedger } from '../../domain/releases/projectState';
import type { Clock } from '../../ocr/clock';
import type { Patience } from './again';
import { isStatus } from './google/googleApi';
import type { Storage } from './google/storage';

const time = z.iso.datetime();
const candidate = { sha: z.string(), digest: z.string(), templateHash: z.string() };
const STATES = [
  'applying',
  'applied',
  'smoke',
  'canary',
  'served',
  'failed',
  'put-back',
  'superseded',
] as const satisfies ReleaseState[];

const scaling = z.object({
  scalingMode: z.string().optional(),
  minInstanceCount: z.int().optional(),
  maxInstanceCount: z.int().optional(),
  manualInstanceCount: z.int().optional(),
});

const noted = { at: time, by: z.string() };
const journalEntry = z.discriminatedUnion('kind', [
  z.object({
    ...noted,
    kind: z.literal('intent'),
    revision: z.string(),
    reason: z.string(),
    epoch: z.int().optional(),
  }),
  z.object({
    ...noted,
    kind: z.literal('traffic'),
    shares: z.array(z.object({ revision: z.string(), percent: z.number() })),
  }),
  z.object({
    ...noted,
    kind: z.literal('verdict'),
    revision: z.string(),
    percent: z.number(),
    state: z.enum(['healthy', 'unhealthy', 'inconclusive']),
    reasons: z.array(z.string()),
  }),
  z.object({
    ...noted,
    kind: z.literal('scale'),
    to: z.union([z.int().min(0), z.literal('restore')]),
    reason: z.string(),
  }),
]);

/** Written by this engine or read by it; a higher one is a newer engine's. */
const NEWEST_VERSION = 2;

const ledgerSchema: z.ZodType<Ledger> = z.object({
  version: z.literal([1, NEWEST_VERSION]),
  epoch: z.int().min(0),
  intent: z
    .object({
      revision: z.string(),
      by: z.string(),
      at: time,
      epoch: z.int(),
      reason: z.string(),
      decided: z.boolean().optional(),
      settledAt: time.optional(),
      open: z.boolean().optional(),
    })
    .optional(),
  releases: z.array(
    z.object({
      ...candidate,
      revision: z.string(),
      fingerprint: z.string(),
      state: z.enum(STATES),
      percent: z.number(),
      epoch: z.int(),
      by: z.string(),
      startedAt: time,
      updatedAt: time,
      servedAt: time.optional(),
      firstEpoch: z.int().optional(),
      cause: z.object({ code: z.string(), by: z.string(), at: time, text: z.string() }).optional(),
      reason: z.string().optional(),
      runUrl: z.string().optional(),
    }),
  ),
  holds: z.array(
    z.object({ ...candidate, revision: z.string(), by: z.string(), at: time, reason: z.string() }),
  ),
  lease: z.object({ holder: z.string(), expiresAt: time, epoch: z.int() }).optional(),
  scale: z
    .object({
      instances: z.int().min(0),
      by: z.string(),
      at: time,
      reason: z.string(),
      epoch: z.int(),
      before: z.object({
        scaling,
        tags: z.array(z.object({ tag: z.string(), revision: z.string().optional() })),
      }),
      restoring: z.boolean().optional(),
      settledAt: time.optional(),
    })
    .optional(),
  journal: z
    .array(z.unknown())
    // It tells what was, and decides no rollback: an entry of a kind that this version does not know stops none.
    .transform((found) => found.flatMap((entry) => journalEntry.safeParse(entry).data ?? []))
    .optional(),
});

/** The ledger's object, every write with a generation precondition. */
export interface LedgerStore {
  /** The ledger, or undefined where there is none yet. Failure `LEDGER_UNREADABLE` (3) when it is not a ledger. */
  read(): Promise<Ledger | undefined>;
  /** The ledger with the generation that its next write has to name; "0" where there is none. */
  load(): Promise<{ readonly ledger: Ledger | undefined; readonly generation: string }>;
  /** Writes where nobody else has since; ApiError 412 else. */
  write(ledger: Ledger, generation: string): Promise<void>;
  /**
   * Reads, changes and writes, again from the start when somebody else wrote in between. `change` may throw to stop.
   * Returns what was written. Where there is no ledger, `change` gets `undefined`.
   */
  update(change: (ledger: Ledger | undefined) => Ledger): Promise<Ledger>;
  /** `gs://BUCKET/OBJECT`, for messages. */
  readonly url: string;
}

/** Conflicts in a row after which something else is wrong; one object takes about one write a second. */
const MAX_TRIES = 20;

export function ledgerStore(storage: Storage, deployment: Deployment, clock: Clock): LedgerStore {
  const bucket = bucketName(deployment, 'ledger');
  const name = ledgerObject(deployment);
  const url = `gs://${bucket}/${name}`;

  const load = async () => {
    const object = await storage.read(bucket, name);
    return { ledger: object && parse(object.content, url), generation: object?.generation ?? '0' };
  };

  const write = async (ledger: Ledger, generation: string) =>
    void (await storage.write(bucket, name, JSON.stringify(ledger, null, 1), generation));

  return ledgerBy({ url, load, write }, { clock });
}

/** The ledger by its two calls. An update is tried again where somebody else wrote, and where a fault passes. */
export function ledgerBy(
  calls: Pick<LedgerStore, 'url' | 'load' | 'write'>,
  { clock, random = Math.random }: Patience,
): LedgerStore {
  const { load, write } = calls;
  return {
    ...calls,
    read: async () => (await load()).ledger,
    async update(change) {
      for (let tries = 1; ; tries++) {
        try {
          const { ledger, generation } = await load();
          const changed = change(ledger);
          await write(changed, generation);
          return changed;
        } catch (error) {
          if (!mayPass(error) || tries === MAX_TRIES) throw error;
          // Grows to two seconds, with jitter: the limit is about one write a second an object.
          await clock.sleep(Math.min(2, 0.1 * 2 ** tries) * (0.5 + random()));
        }
      }
    },
  };
}

/**
 * Somebody else wrote (412), or a fault that passes. A write that failed may have landed: the next try reads it and decides on
 * it, so nothing is written twice.
 */
const mayPass = (error: unknown): boolean =>
  isStatus(error, 412) || (error instanceof Failure && isTransient(error));

function parse(content: Buffer, url: string): Ledger {
  let written: unknown;
  try {
    written = JSON.parse(content.toString('utf8'));
    return ledgerSchema.parse(written);
  } catch (error) {
    const version = (written as { version?: unknown } | null | undefined)?.version;
    if (typeof version === 'number' && version > NEWEST_VERSION) throw newerLedger(url, version);
    throw new Failure(
      {
        code: 'LEDGER_UNREADABLE',
        message: 'The ledger is not one that this version reads.',
        where: url,
        got: error instanceof z.ZodError ? z.prettifyError(error) : content.subarray(0, 80).toString('utf8'),
        remedy: restoreLedger(url),
        exitCode: 3,
      },
      { cause: error },
    );
  }
}

/** Never to be overwritten: what it says is right, and this checkout is old. */
function newerLedger(url: string, version: number): Failure {
  return new Failure({
    code: 'LEDGER_NEWER',
    message: 'A newer version of this project wrote the ledger; this one leaves it as it is.',
    where: url,
    got: `version ${version}, this one reads up to ${NEWEST_VERSION}`,
    remedy: 'update the checkout: git pull && npm ci; then run the same command again',
    exitCode: 3,
  });
}
