import { z } from 'zod';
import { sha256 } from '../../domain/canonical';
import type { Deployment } from '../../domain/deployment';
import { Failure } from '../../domain/failure';
import type { FingerprintDocument } from '../../domain/plan/fingerprint';
import type { Candidate } from '../../domain/releases/ledger';
import { bucketName } from '../../domain/names';
import type { Storage } from './google/storage';

/** What was planned; beside the plan file. */
export interface PlanRecord extends Candidate {
  readonly deployment: string;
  readonly revision: string;
  /** SHA in the revision's labels: that of the commit that made it. */
  readonly labelSha: string;
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly plannedAt: string;
  readonly document: FingerprintDocument;
}

const document = z.looseObject({
  sha: z.string(),
  providers: z.record(z.string(), z.string()),
  resources: z.array(z.looseObject({ address: z.string(), actions: z.array(z.string()) })),
  outputs: z.array(z.looseObject({ name: z.string(), actions: z.array(z.string()) })),
});
const writtenRecord = z.looseObject({
  ...{ sha: z.string(), digest: z.string(), templateHash: z.string(), deployment: z.string() },
  ...{ revision: z.string(), labelSha: z.string(), fingerprint: z.string(), plannedAt: z.string() },
  ...{ fileSha256: z.string(), document },
});

/**
 * Plan files in a private bucket: a plan holds secrets in plain text, so it is no build artifact. A plan's id is the
 * SHA-256 of its record, which holds the SHA-256 of its file: neither can be changed under an approved id. Both are created
 * once and never overwritten.
 */
export interface PlanStore {
  /** Returns the id. */
  save(record: PlanRecord, file: Buffer): Promise<string>;
  /** Failure `UNKNOWN_PLAN` (2), `PLAN_TAMPERED`, `PLAN_UNREADABLE` (3). */
  load(id: string): Promise<{ record: PlanRecord; file: Buffer }>;
}

export function planStore(storage: Storage, deployment: Deployment): PlanStore {
  const bucket = bucketName(deployment, 'plans');
  const name = (id: string, ending: string) => `${deployment.name}/${id}.${ending}`;

  return {
    async save(record, file) {
      const text = JSON.stringify({ ...record, fileSha256: sha256(file) });
      const id = sha256(text);
      await storage.create(bucket, name(id, 'tfplan'), file, 'application/octet-stream');
      await storage.create(bucket, name(id, 'json'), text);
      return id;
    },
    async load(id) {
      const read = async (ending: 'tfplan' | 'json') =>
        (await storage.read(bucket, name(id, ending)))?.content ?? refuse('UNKNOWN_PLAN', id, ending);
      const [file, text] = await Promise.all([read('tfplan'), read('json')]);
      if (sha256(text) !== id) refuse('PLAN_TAMPERED', id, 'json');
      const { fileSha256, ...record } = parse(text, id);
      if (sha256(file) !== fileSha256) refuse('PLAN_TAMPERED', id, 'tfplan');
      return { record, file };
    },
  };

  /** Its id is the SHA-256 of its text, so one that does not fit was put there under its own. */
  function parse(text: Buffer, id: string): PlanRecord & { readonly fileSha256: string } {
    try {
      return writtenRecord.parse(JSON.parse(text.toString('utf8'))) as never;
    } catch (error) {
      const details = {
        code: 'PLAN_UNREADABLE',
        message: 'The record beside the plan is none that this version reads.',
        where: `gs://${bucket}/${name(id, 'json')}`,
        got: error instanceof z.ZodError ? z.prettifyError(error) : text.subarray(0, 80).toString('utf8'),
        remedy: `plan again: bin/lightonocr plan ${deployment.name} --sha SHA`,
        exitCode: 3,
      } as const;
      throw new Failure(details, { cause: error });
    }
  }

  function refuse(code: 'UNKNOWN_PLAN' | 'PLAN_TAMPERED', id: string, ending: 'tfplan' | 'json'): never {
    const unknown = code === 'UNKNOWN_PLAN';
    const again = `bin/lightonocr plan ${deployment.name} --sha SHA`;
    throw new Failure({
      code,
      message: unknown ? 'There is no such plan.' : 'The plan is not the one that was written.',
      where: `gs://${bucket}/${name(id, ending)}`,
      got: id,
      remedy: unknown ? `make one: ${again}` : `find out who wrote to the bucket, then plan again: ${again}`,
      exitCode: unknown ? 2 : 3,
    });
  }
}
