import type { Command, Option } from 'commander';
import { shownCommands } from './command';

/** Where values come from that the command line does not know by itself. */
export interface CompletionSources {
  deployments(): Promise<readonly string[]>;
  /** Of a deployment; none where the cloud does not answer in time. */
  revisions(deployment: string): Promise<readonly string[]>;
}

const REVISION_OPTIONS = ['--to', '--revision', '--candidate'];
const DEPLOYMENT_OPTIONS = ['--deployment'];

/**
 * What may stand in place of the last word, in the order of the help.
 * @param words after the program's name; the last one is begun or empty.
 */
export async function candidates(
  root: Command,
  words: readonly string[],
  sources: CompletionSources,
): Promise<string[]> {
  const [name = '', ...rest] = words;
  const begun = words.at(-1) ?? '';
  const of = (values: readonly string[]) => values.filter((value) => value.startsWith(begun));
  if (words.length <= 1) return of(shownCommands(root).map((command) => command.name()));
  const command = shownCommands(root).find((known) => known.name() === name);
  if (command === undefined) return [];
  const before = rest.slice(0, -1);
  const taking = optionOf(command, before.at(-1));
  if (taking && takesValue(taking)) return of(await optionValues(command, taking, before, sources));
  if (begun.startsWith('-')) return of(unusedFlags(command, before));
  return of(await argumentValues(command, positionals(command, before).length, sources));
}

const isNamed = ({ short, long }: Option, word: string) => word === short || word === long;

const optionOf = (command: Command, word: string | undefined) =>
  command.options.find((option) => word !== undefined && isNamed(option, word));

const takesValue = (option: Option) => option.required || option.optional;

/** Words that are neither options nor their values. */
const positionals = (command: Command, words: readonly string[]) =>
  words.filter((word, at) => {
    const option = optionOf(command, words[at - 1]);
    return !word.startsWith('-') && !(option && takesValue(option));
  });

const unusedFlags = (command: Command, before: readonly string[]) =>
  command.options
    .filter((option) => !option.hidden && (option.variadic || !before.some((word) => isNamed(option, word))))
    .map((option) => option.long ?? option.flags);

async function optionValues(
  command: Command,
  option: Option,
  before: readonly string[],
  sources: CompletionSources,
): Promise<readonly string[]> {
  if (option.argChoices) return option.argChoices;
  const long = option.long ?? '';
  if (DEPLOYMENT_OPTIONS.includes(long)) return sources.deployments();
  const [deployment] = positionals(command, before);
  return REVISION_OPTIONS.includes(long) && deployment !== undefined ? sources.revisions(deployment) : [];
}

async function argumentValues(
  command: Command,
  place: number,
  sources: CompletionSources,
): Promise<readonly string[]> {
  const argument = command.registeredArguments[place];
  if (argument?.argChoices) return argument.argChoices;
  return argument?.name() === 'deployment' ? sources.deployments() : [];
}
