import type { Defences } from '../release/ports/context';

/** The defences that a rehearsal can leave out, to show what each is worth. */
export const DEFENCES = ['smoke', 'canary', 'guard', 'hold'] as const;
export type Defence = (typeof DEFENCES)[number];

/** The step of the scenario that fails when a defence is out. */
export const DEFENDED_STEP: Readonly<Record<Defence, number>> = { smoke: 4, canary: 5, guard: 6, hold: 7 };

/** A defence that always agrees. */
const AGREEABLE: { readonly [name in Defence]: Partial<Defences> } = {
  smoke: { smoke: async () => ({ passed: true, findings: ['not tested'] }) },
  canary: { judge: () => ({ state: 'healthy', reasons: ['not judged'] }) },
  guard: { guard: { planDrift: () => [], applyDrift: () => [] } },
  hold: { blockOn: () => undefined },
};

export function withoutDefence(name: Defence | undefined): Partial<Defences> {
  return name === undefined ? {} : AGREEABLE[name];
}
