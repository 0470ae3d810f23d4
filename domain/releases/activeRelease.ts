import { isSuperseded, type Ledger, type ReleaseEntry, type ReleaseState } from './ledger';
import { markSuperseded } from './superseded';

/** States in which somebody is at work on a release; without a lease its runner has died, and `reconcile` ends it. */
const UNDER_WAY: readonly ReleaseState[] = ['applying', 'smoke', 'canary'];

/** The newest release that is being applied or has not yet all traffic; none that a newer decision has superseded. */
export function activeRelease(ledger: Ledger): ReleaseEntry | undefined {
  return unfinishedRelease(markSuperseded(ledger));
}

/** The same as it is written, superseded or not: whose end `reconcile` has yet to write. */
export function unfinishedRelease({ releases }: Ledger): ReleaseEntry | undefined {
  return releases.find(({ state }) => UNDER_WAY.includes(state));
}

/** The release that is applied and waits for its smoke test: nobody is at work on it, and nobody has superseded it. */
export function pendingRelease(ledger: Ledger): ReleaseEntry | undefined {
  return ledger.releases.find((entry) => entry.state === 'applied' && !isSuperseded(ledger, entry));
}
