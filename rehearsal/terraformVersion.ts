import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure, messageOf } from '../domain/failure';

/**
 * A real Terraform has to have the provider too: from a registry, or from what its CLI configuration names.
 * @throws Failure `NO_PROVIDER`, exit code 3, with Terraform's own words.
 */
export async function needProvider(init: () => Promise<unknown>): Promise<void> {
  try {
    await init();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(
      {
        code: 'NO_PROVIDER',
        message:
          'Terraform is there and cannot be made ready; the google provider is missing, or something else is.',
        where: 'terraform init',
        got: messageOf(error),
        remedy:
          'let Terraform reach a registry, or name a mirror with provider 6.50.0 in the file of TF_CLI_CONFIG_FILE; or rehearse without --terraform',
        exitCode: 3,
      },
      { cause: error },
    );
  }
}

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
