import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { program } from '../bin/cli';

/** The help of every command, each in a process of its own. Ends with `helps: N passed, N failed`; exit code 1 when one fails. */
export function main(): void {
  const cli = join(__dirname, '..', 'bin/lightonocr');
  const failed = program()
    .commands.map((command) => command.name())
    .filter((name) => {
      const { status, stdout } = spawnSync(process.execPath, [cli, name, '--help'], { encoding: 'utf8' });
      const isHelp = status === 0 && stdout.startsWith(`Usage: lightonocr ${name} `);
      if (!isHelp) process.stdout.write(`failed: ${name} --help\n`);
      return !isHelp;
    });
  const passed = program().commands.length - failed.length;
  process.stdout.write(`helps: ${passed} passed, ${failed.length} failed\n`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
