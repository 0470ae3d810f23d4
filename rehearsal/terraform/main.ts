import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../domain/failure';
import * as commands from './commands';
import { type CommandLine, parseFlags } from './flags';
import type { Surroundings } from './surroundings';
import { TerraformError } from './terraformError';

interface Command {
  readonly flags: Readonly<Record<string, 'boolean' | 'text'>>;
  readonly operands: number;
  readonly run: (line: CommandLine, around: Surroundings) => Promise<number> | number;
}

const COMMON = { 'no-color': 'boolean', input: 'boolean' } as const;
const LOCKING = { ...COMMON, lock: 'boolean', 'lock-timeout': 'text' } as const;
const PLAN = { ...LOCKING, out: 'text', 'detailed-exitcode': 'boolean', refresh: 'boolean' } as const;
const COMMANDS: Readonly<Record<string, Command>> = {
  version: { flags: { json: 'boolean' }, operands: 0, run: commands.version },
  init: { flags: { ...COMMON, lockfile: 'text', reconfigure: 'boolean' }, operands: 0, run: commands.init },
  plan: { flags: PLAN, operands: 0, run: commands.plan },
  show: { flags: { 'no-color': 'boolean', json: 'boolean' }, operands: 1, run: commands.show },
  apply: { flags: LOCKING, operands: 1, run: commands.apply },
  untaint: { flags: LOCKING, operands: 1, run: commands.untaint },
  output: { flags: { 'no-color': 'boolean', json: 'boolean' }, operands: 0, run: commands.output },
  'state list': { flags: {}, operands: 0, run: commands.stateList },
};

/**
 * The few commands of Terraform 1.11 that a release makes, with its exit codes, against the Cloud Run Admin API at
 * GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT. No state lock is taken; colours are never printed.
 * @returns the exit code: 0 done, 1 failed, 2 from `plan -detailed-exitcode` when there are changes.
 */
export async function terraform(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    const chdir = /^--?chdir=(.*)$/s.exec(args[0] ?? '')?.[1];
    if (chdir === undefined) return await run(args, around);
    const directory = resolve(around.directory, chdir);
    if (existsSync(directory)) return await run(args.slice(1), { ...around, directory });
    throw new TerraformError(`Error handling -chdir option: chdir ${chdir}: no such file or directory`);
  } catch (error) {
    around.printError(error instanceof TerraformError ? error.toString() : `\nError: ${messageOf(error)}\n`);
    return 1;
  }
}

/** A process of its own, as `rehearsal/terraform/terraform` starts it. */
export async function main(argv: readonly string[]): Promise<void> {
  // exitCode, not exit(): a pipe that is read slowly still gets the whole plan.
  process.exitCode = await terraform(argv.slice(2), {
    directory: process.cwd(),
    environment: process.env,
    print: (text) => process.stdout.write(text),
    printError: (text) => process.stderr.write(text),
    sleep: (milliseconds) => sleep(milliseconds),
    fetch,
  });
}

async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const words = args[0] === 'state' ? 2 : 1;
  const name = args.slice(0, words).join(' ');
  if (!Object.hasOwn(COMMANDS, name)) {
    const those = Object.keys(COMMANDS).join(', ');
    throw new TerraformError(`Terraform has no command named "${name}"`, `The stand-in has: ${those}.`);
  }
  const command = COMMANDS[name]!;
  const line = parseFlags(name, args.slice(words), command.flags);
  if (line.operands.length === command.operands) return command.run(line, around);
  const got = line.operands.join(' ') || 'none';
  throw new TerraformError(`terraform ${name} takes ${command.operands} argument(s)`, `Got: ${got}.`);
}
