import { readFileSync } from 'node:fs';
import { Failure, messageOf } from '../domain/failure';

/**
 * The password that a file holds in its first line, or an environment variable: `secret.txt`, `file:secret.txt`, `env:NAME`, as
 * openssl's `-passin` has them. Never the password itself: every process of a machine can read another's command line.
 * @throws Failure NO_PASSWORD, which does not repeat what was given: it may be a password.
 */
export function passwordFrom(
  source: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const [, name] = /^env:(.*)$/s.exec(source) ?? [];
  if (name !== undefined) return required(env[name], 'the environment variable is not set');
  try {
    const text = readFileSync(source.replace(/^file:/, ''), 'utf8');
    return required(text.replace(/^\uFEFF/, '').split(/\r?\n/)[0], 'the first line of the file is empty');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw noPassword(`the file cannot be read: ${(error as NodeJS.ErrnoException).code ?? messageOf(error)}`);
  }
}

function required(password: string | undefined, got: string): string {
  if (password) return password;
  throw noPassword(got);
}

function noPassword(got: string): Failure {
  return new Failure({
    code: 'NO_PASSWORD',
    message: 'There is no password there.',
    where: '--password',
    got,
    remedy: 'name a file whose first line is the password, or a variable: --password env:NAME',
    exitCode: 2,
  });
}
