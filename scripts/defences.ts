import { spawn } from 'node:child_process';
import { bulkhead } from 'cockatiel';
import { DEFENCES, DEFENDED_STEP, type Defence } from '../rehearsal/defences';
import type { RehearsalResult } from '../rehearsal/result';

/**
 * The negative control of the whole product: takes each defence out of a rehearsal, which must then fail, and at the step
 * that this defence defends. Ends with `defences: N passed, N failed`.
 */
async function rehearseWithout(defence: Defence): Promise<{ code: number; result?: RehearsalResult }> {
  const args = ['bin/start.js', 'rehearsal/main', '--without', defence, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  return { code, ...(output.trim() && { result: JSON.parse(output) as RehearsalResult }) };
}

/** A rehearsal mostly waits; more of them at once would wait for one another. */
const AT_ONCE = 2;

export async function main(): Promise<void> {
  let failed = 0;
  const slots = bulkhead(AT_ONCE, DEFENCES.length);
  const rehearsals = DEFENCES.map((defence) => slots.execute(() => rehearseWithout(defence)));
  for (const [at, defence] of DEFENCES.entries()) {
    const { code, result } = await rehearsals[at]!;
    const [missed] = result?.expectations.filter(({ held }) => !held) ?? [];
    const noticed = code !== 0 && missed?.step === DEFENDED_STEP[defence];
    if (!noticed) failed++;
    const seen = missed ? `step ${missed.step}: expected that ${missed.text}; got ${missed.got}` : 'nothing';
    process.stdout.write(
      `${noticed ? 'passed' : 'FAILED'}: without ${defence}, exit code ${code}, noticed at ${seen} (defends step ${DEFENDED_STEP[defence]})\n`,
    );
  }
  process.stdout.write(`defences: ${DEFENCES.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}
