import { actionOf, attributeChanges, type Change, type ResourceChange, type TerraformPlan } from './plan';
import type { Matter } from './reviewMatters';

/** `create`, `move`, `import and update`: what a plan does to a resource, in the cloud and in the state. */
export function actionInWords({ change, previous_address: from }: ResourceChange): string {
  const inState = [...(change.importing ? ['import'] : []), ...(from === undefined ? [] : ['move'])];
  const inCloud = change.actions.includes('no-op') ? [] : [actionOf(change.actions)];
  return [...inState, ...inCloud].join(' and ') || 'no-op';
}

/** What only the state learns of: another address, a resource that was there already. It is applied like any other change. */
export function stateMatters(acting: readonly ResourceChange[]): Matter[] {
  return acting.flatMap(({ address, change, previous_address: from }): Matter[] => [
    ...(from === undefined ? [] : [{ topic: 'moved in the state', now: address, was: from }]),
    ...(change.importing
      ? [{ topic: 'imported into the state', now: `${address}${importedAs(change)}` }]
      : []),
  ]);
}

function importedAs({ importing, actions }: Change): string {
  const id = importing?.id === undefined ? '' : ` as ${importing.id}`;
  return actions.includes('no-op') ? `${id}, as it is` : `${id}, and then changed: ${actionOf(actions)}`;
}

/** Outputs that come, go or change, with their values; a sensitive one's is not shown. */
export function outputMatters({ output_changes: outputs = {} }: TerraformPlan): Matter[] {
  return Object.entries(outputs).flatMap(([name, change]): Matter[] => {
    if (change.actions.includes('no-op')) return [];
    const [value] = attributeChanges(change);
    const shown = (found: unknown) => (typeof found === 'string' ? found : (JSON.stringify(found) ?? 'null'));
    const topic = `output ${name}`;
    if (change.actions.includes('delete')) return [{ topic, now: 'taken away', was: shown(value?.before) }];
    const now = shown(value?.after);
    return change.actions.includes('create') ? [{ topic, now }] : [{ topic, now, was: shown(value?.before) }];
  });
}
