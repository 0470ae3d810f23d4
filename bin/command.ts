import { Command, Help, type Option } from 'commander';

class CommandHelp extends Help {
  /** Its name alone: the arguments are in the command's own help, and leave no room at 80 columns. */
  override subcommandTerm(command: Command): string {
    return command.name();
  }

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
    return Object.assign(new CommandHelp(), this.configureHelp());
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
