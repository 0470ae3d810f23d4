import { writeRegion } from '../deployments/writeRegion';
import { usd } from '../domain/cost/cost';
import { Failure } from '../domain/failure';
import { GPU_KINDS } from '../domain/gpus';
import { regionAdvice } from '../domain/quota/regionChoice';
import { quotaFailure, quotaReport } from '../domain/quota/quotaReport';
import { requestFailure, requestReport } from '../domain/quota/quotaRequestReport';
import { requestQuota } from '../operate/quotaRequest';
import type { ReleaseContext } from '../release/ports/context';
import { readQuota } from '../release/adapters/google/quota';
import { assertRegionFree, compareRegions } from '../operate/regionChoice';
import { confirm } from './confirm';
import { table, terminalWidth } from './table';

export interface QuotaFlags {
  readonly request?: boolean;
  readonly gpus?: string;
  readonly email?: string;
  readonly justification?: string;
  readonly again?: boolean;
  readonly follow?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly allRegions?: boolean;
  readonly choose?: string;
}

/** Far over any quota that is granted; it only bounds a slip of the finger. */
const MOST_GPUS = 1000;

/** What `--request` is given. @throws Failure `BAD_INPUT`, exit code 2, with everything that is wrong. */
function quotaRequestOptions(flags: QuotaFlags) {
  const { request, gpus, email, justification, again, follow, dryRun, yes } = flags;
  const given = Object.entries({ gpus, email, justification, again, follow, dryRun, yes }).filter(
    ([, value]) => value !== undefined,
  );
  const number = Number(gpus);
  const wrong = [
    ...(!request ? given.map(([name]) => `${flag(name)} is for --request`) : []),
    ...(gpus !== undefined && !(Number.isInteger(number) && number >= 1 && number <= MOST_GPUS)
      ? [`--gpus ${JSON.stringify(gpus)}: a whole number from 1 to ${MOST_GPUS}`]
      : []),
    ...(email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email.trim())
      ? [`--email ${JSON.stringify(email)}: not an address`]
      : []),
    ...(justification?.trim() === '' ? ['--justification is empty'] : []),
  ];
  if (wrong.length > 0) {
    throw new Failure({
      code: 'BAD_INPUT',
      message: wrong.join('; '),
      where: 'quota',
      remedy: 'correct what is named: bin/lightonocr quota --help shows the options and an example',
      exitCode: 2,
    });
  }
  return {
    again: again === true,
    follow: follow === true,
    dryRun: dryRun === true,
    yes: yes === true,
    ...(gpus !== undefined && { gpus: number }),
    ...(email !== undefined && { email: email.trim() }),
    ...(justification !== undefined && { justification: justification.trim() }),
  };
}

const flag = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** `--all-regions`: a line a region, best first; with `--choose` that one is written into the deployment's file. */
async function quotaOfRegions(context: ReleaseContext, { request, allRegions, choose }: QuotaFlags) {
  if (request || !allRegions) {
    throw new Failure({
      code: 'BAD_INPUT',
      message: request ? '--request is of one region' : '--choose is for --all-regions',
      where: 'quota',
      remedy: 'look first: bin/lightonocr quota DEPLOYMENT --all-regions',
      exitCode: 2,
    });
  }
  const { deployment } = context;
  const data = await compareRegions(context);
  const rows = data.map(({ region, isOwn, byInvitation, verdict, findings, pending, usdPerHour }) => [
    isOwn ? `${region} *` : region,
    verdict,
    ...findings
      .filter((finding) => finding.quota.service === 'run.googleapis.com')
      .map(({ limit }) => (limit === undefined ? '?' : limit === Infinity ? 'no limit' : String(limit))),
    byInvitation ? 'yes' : 'no',
    pending.length > 0 ? pending.join(', ') : '-',
    usdPerHour === undefined ? 'not known' : usd(usdPerHour),
  ]);
  const gpu = GPU_KINDS[deployment.size.gpu].name;
  const head = ['region', '', gpu, `${gpu} redundant`, 'GiB', 'vCPU', 'by invitation', 'pending', 'USD/h'];
  const lines = [...table('Regions', head, rows), '', ...regionAdvice(deployment, data)];
  if (choose !== undefined) {
    await assertRegionFree(context, data, choose);
    writeRegion(deployment.name, choose);
    lines.push(`deployments/${deployment.name}.yaml has region: ${choose}; see that it fits: npm run synth`);
  }
  return { text: lines.join('\n'), data };
}

/** The command: a look at the quotas, or a request for more. */
export async function quota(context: ReleaseContext, flags: QuotaFlags) {
  const { deployment } = context;
  if (flags.allRegions || flags.choose !== undefined) return quotaOfRegions(context, flags);
  const { yes, ...options } = quotaRequestOptions(flags);
  if (!flags.request) {
    const data = await readQuota(context);
    const failure = quotaFailure(deployment, data);
    return { text: quotaReport(deployment, data, terminalWidth()), data, ...(failure && { failure }) };
  }
  const data = await requestQuota(context, { ...options, confirm: (lines) => confirm(lines, yes) });
  const report = requestReport(deployment, data.asks);
  if (options.dryRun) {
    const requests = data.requests.map(
      ({ method, path, body }) => `${method} ${path}?allowMissing=true\n${JSON.stringify(body, null, 2)}`,
    );
    return { text: [report, ...requests, 'nothing was sent'].join('\n'), data };
  }
  const failure = requestFailure(data.asks, options.follow);
  return { text: report, data, ...(failure && { failure }) };
}
