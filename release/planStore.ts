import { sha256 } from '../domain/canonical';
import type { Deployment } from '../domain/deployment';
import { Failure } from '../domain/failure';
import type { FingerprintDocument } from '../domain/fingerprint';
import type { Candidate } from '../domain/ledger';
import { bucketName } from '../domain/names';
import { isStatus } from './googleApi';
import type { Storage } from './storage';

/** What was planned; beside the plan file. */
export interface PlanRecord extends Candidate {
  readonly deployment: string;
  readonly revision: string;
  /** SHA in the revision's labels: that of the commit that made it. */
  readonly labelSha: string;
  readonly fingerprint: string;
  readonly document: FingerprintDocument;
}

/**
 * Plan files in a private bucket: a plan holds secrets in plain text, so it is no build artifact. A plan's id is the
 * SHA-256 of its file; it is created once and never overwritten.
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
      const id = sha256(file);
      await create(name(id, 'tfplan'), file, 'application/octet-stream');
      await create(name(id, 'json'), JSON.stringify(record));
      return id;
    },
    async load(id) {
      const where = `gs://${bucket}/${name(id, 'tfplan')}`;
      const [file, record] = await Promise.all([
        storage.read(bucket, name(id, 'tfplan')),
        storage.read(bucket, name(id, 'json')),
      ]);
      if (!file || !record) {
        throw new Failure({
          code: 'UNKNOWN_PLAN',
          message: 'There is no such plan.',
          where,
          got: id,
          remedy: `make one: bin/lightonocr plan ${deployment.name} --sha SHA`,
          exitCode: 2,
        });
      }
      const found = sha256(file.content);
      if (found !== id) {
        throw new Failure({
          code: 'PLAN_TAMPERED',
          message: 'The plan file is not the one that was written.',
          where,
          got: `SHA-256 ${found}`,
          remedy: `find out who wrote to the bucket, then plan again: bin/lightonocr plan ${deployment.name} --sha SHA`,
          exitCode: 3,
        });
      }
      return { record: JSON.parse(record.content.toString('utf8')) as PlanRecord, file: file.content };
    },
  };
}
