import type { Deployment } from '../deployment';
import type { Problem } from '../problem';

/** Looks at one idea of a deployment and returns what cannot work, or nothing. Pure. */
export type Rule = (deployment: Deployment) => readonly Problem[];

/** A finding as a rule writes it; an error unless it says otherwise. */
export type Finding = Omit<Problem, 'severity' | 'got'> & {
  readonly got: string | number;
  readonly severity?: Problem['severity'];
};

/** The finding as a list of one if it is broken, else none: so that rules read as a list of conditions. */
export function when(broken: boolean, finding: Finding): Problem[] {
  return broken ? [{ severity: 'error', ...finding, got: String(finding.got) }] : [];
}

/** Whether the same stands further up in a list already: two resources of one name, which synth cannot make. */
export const isRepeat = (list: readonly string[], index: number): boolean =>
  list.indexOf(list[index]!) < index;
