import { sha256 } from '../../domain/canonical';
import type { Deployment } from '../../domain/deployment';
import { Failure } from '../../domain/failure';
import type { FingerprintDocument } from '../../domain/plan/fingerprint';
import type { Candidate } from '../../domain/releases/ledger';
import { bucketName } from '../../domain/names';
import { isStatus } from './google/googleApi';
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

/**
 * Plan files in a private bucket: a plan holds secrets in plain text, so it is no build artifact. A plan's id is the
 * SHA-256 of its record, which holds the SHA-256 of its file: neither can be changed under an approved id. Both are created
 * once and never overwritten.
 */
export interface PlanStore {
  /** Returns the id. */
  save(record: PlanRecord, file: Buffer): Promise<string>;
  /** Failure `UNKNOWN_PLAN` (2), `PLAN_TAMPERED` (3). */
  load(id: string): Promise<{ record: PlanRecord; file: Buffer }>;
}

export function planStore(storage: Storage, deployment: Deployment): PlanStore {
  const bucket = bucketName(deployment, 'plans');
  const name = (id: string, ending: string) => `${deployment.name}/${id}.${ending}`;

  const create = async (object: string, content: Buffer | string, type?: string) => {
    try {
      await storage.write(bucket, object, content, '0', type);
    } catch (error) {
      if (!isStatus(error, 412)) throw error; // 412: the same plan is there already
    }
  };

  return {
    async save(record, file) {
      const text = JSON.stringify({ ...record, fileSha256: sha256(file) });
      const id = sha256(text);
      await create(name(id, 'tfplan'), file, 'application/octet-stream');
      await create(name(id, 'json'), text);
      return id;
    },
    async load(id) {
      const read = async (ending: 'tfplan' | 'json') =>
        (await storage.read(bucket, name(id, ending)))?.content ?? refuse('UNKNOWN_PLAN', id, ending);
      const [file, text] = await Promise.all([read('tfplan'), read('json')]);
      if (sha256(text) !== id) refuse('PLAN_TAMPERED', id, 'json');
      const { fileSha256, ...record } = JSON.parse(text.toString('utf8')) as PlanRecord & {
        fileSha256: string;
      };
      if (sha256(file) !== fileSha256) refuse('PLAN_TAMPERED', id, 'tfplan');
      return { record, file };
    },
  };

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
