import { InvalidArgumentError } from 'commander';

/** The value of an option that is a whole number from 1. */
export function positive(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('a whole number from 1 is needed');
}
