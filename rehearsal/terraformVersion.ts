import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../domain/failure';

/** First line of `terraform version`: which Terraform plays. Failure `NO_TERRAFORM` (3) where there is none. */
export async function terraformVersion(program: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, ['version']);
    return stdout.split('\n')[0]!.trim();
  } catch (error) {
    throw new Failure(
      {
        code: 'NO_TERRAFORM',
        message: `Terraform does not start: ${String(error).split('\n')[0]}`,
        where: program,
        remedy: 'install Terraform, or rehearse without --terraform: the stand-in needs nothing',
        exitCode: 3,
      },
      { cause: error },
    );
  }
}
