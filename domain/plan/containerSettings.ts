import { serveFlags } from '../service/liveTemplate';
import { isOurVariable } from '../template';
import { type AttributeChange, attributeChanges, type Change, SENSITIVE, UNKNOWN } from './plan';
import { isSecretFlag, isSecretLine, unmarkedSecrets } from './unmarkedSecrets';
import { at, block, text } from './values';

/** A flag of vLLM's command line or a variable of the environment that a plan adds, removes or changes. */
export interface SettingChange extends AttributeChange {
  readonly kind: 'flag' | 'environment';
  /** `--max-num-seqs`, `HF_HOME`. */
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

const LIST = /^(template\.(?:\d+\.)?containers(?:\.\d+)?\.(?:args|env))\.\d+(\.|$)/;

/**
 * The attributes of a change, with flags and variables by name. As the lists that they are in Terraform, one flag that goes
 * shows as a change of every word behind it. A list that says the same in another order is shown as a list.
 */
export function namedChanges(change: Change): (AttributeChange | SettingChange)[] {
  const done = new Set<string>();
  return attributeChanges(change).flatMap((attribute) => {
    const list = LIST.exec(attribute.path)?.[1];
    if (list === undefined) return [attribute];
    if (done.has(list)) return [];
    done.add(list);
    const named = settingsIn(change, list);
    return named.length > 0 ? named : [inAnotherOrder(change, list)];
  });
}

/** The flags and variables alone. */
export function settingChanges(change: Change): SettingChange[] {
  return namedChanges(change).filter((found): found is SettingChange => 'kind' in found);
}

/** One list before or after the change, with Terraform's marks on its items. */
interface Side {
  readonly items: readonly unknown[];
  readonly unknown?: unknown;
  readonly sensitive: unknown;
}

function sides({ before, after, before_sensitive, after_sensitive, after_unknown }: Change, list: string) {
  const items = (values: unknown): readonly unknown[] => {
    const found = at(values, list);
    return Array.isArray(found) ? found : [];
  };
  return {
    before: { items: items(before), sensitive: at(before_sensitive, list) },
    after: {
      items: items(after),
      unknown: at(after_unknown, list),
      sensitive: at(after_sensitive, list),
    },
  };
}

/** A setting's value, and what may be seen of it. */
interface Setting {
  readonly value: string;
  readonly shown: string;
}

function settingsIn(change: Change, list: string): SettingChange[] {
  const isFlags = list.endsWith('.args');
  const { before, after } = sides(change, list);
  const read = isFlags ? flags : variables;
  const [was, is] = [read(before), read(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => was.get(name)?.value !== is.get(name)?.value)
    .map((name) => ({
      kind: isFlags ? 'flag' : 'environment',
      name,
      path: `${list}.${name}`,
      before: was.get(name)?.shown ?? null,
      after: is.get(name)?.shown ?? null,
    }));
}

function flags({ items, unknown, sensitive }: Side): Map<string, Setting> {
  const words = items.map((word, index) => (at(unknown, `${index}`) === true ? UNKNOWN : (text(word) ?? '')));
  const values = serveFlags(words);
  const shown = serveFlags(
    words.map((word, index) => {
      if (at(sensitive, `${index}`) === true) return SENSITIVE;
      return isSecretLine(word) ? word.replace(/^(--[\w-]+=)?.*$/s, `$1${SENSITIVE}`) : word;
    }),
  );
  return new Map(
    [...shown].map(([flag, seen]) => [
      flag === '' ? 'words before any flag' : `--${flag}`,
      { value: values.get(flag) ?? seen, shown: isSecretFlag(flag) ? SENSITIVE : seen },
    ]),
  );
}

function variables({ items, unknown, sensitive }: Side): Map<string, Setting> {
  return new Map(
    items.map((item, index) => {
      const { name, value, value_source } = block(item);
      const { secret, version } = block(block(value_source).secret_key_ref);
      const marked = [sensitive, at(sensitive, `${index}`), at(sensitive, `${index}.value`)].includes(true);
      const hidden = marked || !isOurVariable(String(name));
      const given = text(value) ?? '';
      return [
        text(name) ?? 'name known after apply',
        at(unknown, `${index}.value`) === true
          ? { value: UNKNOWN, shown: UNKNOWN }
          : secret !== undefined
            ? named(`secret ${text(secret) ?? '?'}, version ${text(version) ?? '?'}`)
            : { value: given, shown: hidden ? SENSITIVE : given },
      ];
    }),
  );
}

const named = (value: string): Setting => ({ value, shown: value });

/** Of variables the names alone: their values are the same. */
function inAnotherOrder(change: Change, list: string): AttributeChange {
  const { before, after } = sides(change, list);
  const shown = ({ items, sensitive }: Side, values: unknown) =>
    items.map((item, index) => {
      if (list.endsWith('.env')) return text(block(item).name) ?? null;
      const marks = [at(sensitive, `${index}`), at(unmarkedSecrets(values), `${list}.${index}`)];
      return marks.includes(true) ? SENSITIVE : (text(item) ?? null);
    });
  return { path: list, before: shown(before, change.before), after: shown(after, change.after) };
}
