import type { Answers } from './callers';
import { OBVIOUS_PAIRS } from './golden';
import { type Estimate, estimates } from './interval';
import type { Decision, Evidence } from './judge';
import type { BlockingTest, DecisionSettings } from './settings';

const share = (value: number) => `${Number((value * 100).toFixed(1))} %`;
const points = (value: number) => {
  const number = Number((value * 100).toFixed(1));
  return `${number} ${Math.abs(number) === 1 ? 'point' : 'points'}`;
};
const times = (value: number) => value.toFixed(2);
/** `+3.0 points`. */
const signed = (value: number) => {
  const number = Math.abs(value * 100).toFixed(1);
  return `${value < 0 && number !== '0.0' ? '−' : '+'}${number} ${number === '1.0' ? 'point' : 'points'}`;
};

/** One sentence for errors, one for time and text: what was seen, and how sure it makes. */
export function describeEvidence(settings: DecisionSettings, { golden, callers }: Evidence): string[] {
  if (golden.pairs === 0) return ['no golden page was read by both revisions'];
  const [errors, latency, text] = estimates(settings, golden) as [Estimate, Estimate, Estimate];
  const sure = `at ${share(1 - settings.maxHarmServed)} sure`;
  const failed = `${golden.pairs} golden pages: ${golden.candidateFailed} failed on the candidate, ${golden.stableFailed} on stable; ${sure} it fails on less than ${points(errors.high)} more (${points(errors.harm)} matter)`;
  return [
    failed,
    ...(golden.logRatios.length === 0
      ? []
      : [
          `a page takes ${times(latency.value)} times stable's time, ${sure} less than ${times(latency.high)} (${times(latency.harm)} matters)`,
        ]),
    `character error rate ${signed(text.value)}, ${sure} less than ${signed(text.high)} (${signed(text.harm)} matter)`,
    ...describeCallers(callers),
  ];
}

function describeCallers({ candidate, reference }: Evidence['callers']): string[] {
  if (candidate.requests === 0) return [];
  return [`callers: ${failedOf(candidate)} failed on the candidate, ${failedOf(reference)} on stable`];
}

const failedOf = ({ failed, requests }: Answers) => `${failed} of ${requests} pages`;

/** What proved the candidate worse than stable. */
export function describeHarm(
  settings: DecisionSettings,
  evidence: Evidence,
  { harmful }: Decision,
): string[] {
  const { golden, callers } = evidence;
  const [, latency, text] = estimates(settings, golden) as [Estimate, Estimate, Estimate];
  const sure = `at ${share(1 - settings.maxGoodBlocked)} sure`;
  const failures = `of ${golden.pairs} golden pages ${golden.candidateFailed} failed on the candidate, ${golden.stableFailed} on stable`;
  const lost = [...golden.pages]
    .filter(([, { pairs, failed }]) => failed === pairs && pairs > 1)
    .map(([page]) => page);
  const kinds =
    lost.length > 0 && lost.length < golden.pages.size ? `, every time on ${lost.join(', ')}` : '';
  const together = {
    requests: callers.together.reduce((sum, { candidate }) => sum + candidate.requests, 0),
    failed: callers.together.reduce((sum, { candidate }) => sum + candidate.failed, 0),
  };
  const alone = {
    requests: callers.alone.reduce((sum, { requests }) => sum + requests, 0),
    failed: callers.alone.reduce((sum, { failed }) => sum + failed, 0),
  };
  const words: Record<BlockingTest, string> = {
    obvious: `${golden.failedAtFirst} of the first ${Math.min(OBVIOUS_PAIRS, golden.pairs)} golden pages failed on the candidate, and not on stable${kinds}`,
    errors: `${failures}${kinds}; ${sure} it fails more often`,
    latency: `a page takes ${times(latency.value)} times stable's time over ${golden.logRatios.length} golden pages; ${sure} it is slower`,
    text: `character error rate ${signed(text.value)} over ${golden.differences.length} golden pages${worstPage(evidence)}; ${sure} its text is worse`,
    callers: `callers: ${failedOf(together)} failed on the candidate, ${failedOf(callers.reference)} on stable; ${sure} it fails more often`,
    callersAlone: `with all traffic ${failedOf(alone)} of callers failed, before ${failedOf(callers.reference)} on stable; ${sure} it fails more often`,
  };
  return harmful.map((test) => words[test]);
}

function worstPage({ golden }: Evidence): string {
  const worst = [...golden.pages].sort(([, a], [, b]) => b.difference / b.pairs - a.difference / a.pairs)[0];
  return worst ? `, most of it on ${worst[0]}` : '';
}
