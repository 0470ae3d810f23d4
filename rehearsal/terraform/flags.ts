import { TerraformError } from './terraformError';

export interface CommandLine {
  readonly flags: Readonly<Record<string, string>>;
  readonly operands: readonly string[];
}

/**
 * Flags as `-name=value` or `--name=value`; a boolean may stand alone. Terraform's `-name value` is not read.
 * @throws TerraformError for a flag that the command does not define, or one without its value.
 */
export function parseFlags(
  command: string,
  args: readonly string[],
  defined: Readonly<Record<string, 'boolean' | 'text'>>,
): CommandLine {
  const flags: Record<string, string> = {};
  const operands: string[] = [];
  const refuse = (reason: string): never => {
    throw new TerraformError('Failed to parse command-line flags', `${reason} (terraform ${command})`);
  };
  for (const arg of args) {
    const [, name, value] = /^--?([^=-][^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === undefined) {
      operands.push(arg);
      continue;
    }
    const kind = defined[name] ?? refuse(`flag provided but not defined: -${name}`);
    flags[name] = value ?? (kind === 'boolean' ? 'true' : refuse(`flag needs an argument: -${name}=`));
    if (kind === 'boolean' && !/^(true|false)$/.test(flags[name])) refuse(`invalid boolean value: ${arg}`);
  }
  return { flags, operands };
}
