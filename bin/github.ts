import { appendFile } from 'node:fs/promises';

/** Sets a workflow step's outputs; outside a workflow it does nothing. Values are single lines by construction. */
export async function writeOutputs(
  outputs: Readonly<Record<string, string>>,
  file: string | undefined = process.env.GITHUB_OUTPUT,
): Promise<void> {
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  if (file && lines.length > 0) await appendFile(file, lines.join(''));
}
