/** An error that Terraform would print: a summary line and, below it, what to know. */
export class TerraformError extends Error {
  constructor(
    readonly summary: string,
    readonly detail = '',
  ) {
    super(summary);
    this.name = 'TerraformError';
  }

  /** As Terraform writes it to stderr with `-no-color`. */
  override toString(): string {
    return `\nError: ${this.summary}\n${this.detail === '' ? '' : `\n${this.detail}\n`}`;
  }
}

/** What the stand-in leaves out, said plainly. */
export function notInStandIn(what: string): TerraformError {
  return new TerraformError(
    `${what} is not something the stand-in does`,
    'This is the stand-in for Terraform of the rehearsal. `npm run rehearse -- --terraform` takes the real one.',
  );
}
