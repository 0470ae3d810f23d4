/** The process around a command; handed in, so that a test needs none. */
export interface Surroundings {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly fetch: typeof fetch;
}
