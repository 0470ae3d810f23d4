import { Command, Help, type Option } from 'commander';

class RequiredFirst extends Help {
  override optionDescription(option: Option): string {
    return `${option.mandatory ? '(required) ' : ''}${super.optionDescription(option)}`;
  }
}

/** A command whose help marks the options that must be given, and that asks for all that are missing at once. */
export class LightonocrCommand extends Command {
  override createCommand(name?: string): LightonocrCommand {
    return new LightonocrCommand(name);
  }

  override createHelp(): Help {
    return Object.assign(new RequiredFirst(), this.configureHelp());
  }

  /** Commander calls it for the first one that is missing. */
  missingMandatoryOptionValue(): void {
    const missing = this.options.filter(
      (option) => option.mandatory && this.getOptionValue(option.attributeName()) === undefined,
    );
    const names = missing.map(({ flags }) => `'${flags}'`).join(', ');
    const what = missing.length > 1 ? 'required options' : 'required option';
    this.error(`error: ${what} ${names} not specified`, { code: 'commander.missingMandatoryOptionValue' });
  }
}

/** The commands of the help; `help` itself left out. */
export const shownCommands = (root: Command): Command[] =>
  root
    .createHelp()
    .visibleCommands(root)
    .filter((command) => command.name() !== 'help');
