import { BUCKET_RULES } from '../../domain/foundation/bucketRules';
import { type Bucket, bucketName, BUCKETS } from '../../domain/names';
import { type Check, lookAt, ok, type Patient, seen, type Seen } from './check';
import { found, placePath } from './look';

/** https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
interface BucketJson {
  readonly versioning?: { readonly enabled?: boolean };
  readonly iamConfiguration?: {
    readonly uniformBucketLevelAccess?: { readonly enabled?: boolean };
    readonly publicAccessPrevention?: string;
  };
}

/** State, plans, ledger, sources and logs: there, opened by IAM alone, to nobody in public; what exists once keeps versions. */
export const buckets: Check = {
  id: 'buckets',
  about: "Terraform's state, ledger, plans, sources and logs",
  run: async (patient) =>
    (
      await Promise.all(
        BUCKETS.map((bucket) => lookAt(patient, `bucket ${bucket}`, () => lookInto(patient, bucket))),
      )
    ).flat(),
};

async function lookInto({ context, look }: Patient, bucket: Bucket): Promise<Seen> {
  const { api, path } = placePath(context, { bucket });
  const name = bucketName(context.deployment, bucket);
  const subject = `bucket ${bucket}`;
  const json = await found<BucketJson>(context, api, path);
  if (json === undefined)
    return seen(await look.missing(), subject, `gs://${name} does not exist`, await look.mend('foundation'));
  const { uniformBucketLevelAccess, publicAccessPrevention } = json.iamConfiguration ?? {};
  const wrong = [
    ...(BUCKET_RULES[bucket].precious && json.versioning?.enabled !== true
      ? [{ saw: 'keeps no old versions', flag: '--versioning' }]
      : []),
    ...(uniformBucketLevelAccess?.enabled === true
      ? []
      : [{ saw: 'has ACLs beside IAM', flag: '--uniform-bucket-level-access' }]),
    ...(publicAccessPrevention === 'enforced'
      ? []
      : [{ saw: 'may be opened to the public', flag: '--public-access-prevention' }]),
  ];
  if (wrong.length === 0)
    return ok(subject, `gs://${name}: private${BUCKET_RULES[bucket].precious ? ', versioned' : ''}`);
  return seen(
    'wrong',
    subject,
    `gs://${name} ${wrong.map(({ saw }) => saw).join(', ')}`,
    `gcloud storage buckets update gs://${name} ${wrong.map(({ flag }) => flag).join(' ')}`,
  );
}
