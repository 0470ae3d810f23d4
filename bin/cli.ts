import { CommanderError } from 'commander';
import { Failure } from '../domain/failure';
import { systemFailure } from '../domain/systemFailure';
import { version } from '../package.json';
import { addBatchCommands } from './batchCommands';
import { addCapacityCommands } from './capacityCommands';
import { addCompletionCommands } from './completionCommand';
import { addCostCommands } from './costCommands';
import { addDoctorCommands } from './doctorCommands';
import { LightonocrCommand } from './command';
import { addCompareCommand } from './compareCommand';
import { fit, print } from './fit';
import { formatError, isStopped, jsonError, jsonUsageError } from './formatError';
import { addInitCommand } from './initCommand';
import { addLogCommands } from './logCommands';
import { addLookCommands } from './lookCommands';
import { addPipelineCommands } from './pipelineCommands';
import { addPlatformCommands } from './platformCommands';
import { addOcrCommand } from './ocrCommand';
import { addReleaseCommands, addRollbackCommand, addStatusCommand } from './releaseCommands';
import { addReportCommands } from './reportCommands';
import { addScaleCommands } from './scaleCommands';
import { terminalWidth } from './table';
import { addToolCommands } from './toolCommands';
import { addTroubleshootCommands } from './troubleshootCommands';
import { addWarmUpCommand } from './warmUpCommand';

/** Exit codes, as every command's help says. */
const EXIT_CODES = `
Exit codes: 0 done, 1 failed and put back, 2 usage or configuration,
3 stopped: a person is needed, 4 superseded.`;

const HINT = 'lightonocr COMMAND --help shows the options and an example';

/** In the order in which a person meets them. */
const GROUPS: readonly (readonly [string, ...((root: LightonocrCommand) => void)[]])[] = [
  ['Setting up:', addInitCommand, addPlatformCommands, addToolCommands, addCompletionCommands],
  ['Releasing:', addReleaseCommands, addPipelineCommands],
  ['In an emergency:', addRollbackCommand, addScaleCommands, addTroubleshootCommands],
  [
    'Looking:',
    addStatusCommand,
    addDoctorCommands,
    addLogCommands,
    addLookCommands,
    addReportCommands,
    addCostCommands,
    addCapacityCommands,
  ],
  ['Reading documents:', addOcrCommand, addBatchCommands, addWarmUpCommand, addCompareCommand],
];

/** @param json usage errors are left to the caller, who prints them as JSON. */
export function program({ json = false } = {}): LightonocrCommand {
  const root = new LightonocrCommand('lightonocr')
    .description('Releases the LightOnOCR service on Cloud Run, and looks after it.')
    .version(version)
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeErr: (text) => void process.stderr.write(fit(text, terminalWidth(process.stderr))),
      ...(json && { outputError: () => undefined }),
    })
    .showHelpAfterError(json ? false : `(${HINT})`);
  for (const [group, ...commands] of GROUPS) {
    root.commandsGroup(group);
    commands.forEach((add) => add(root));
  }
  return root;
}

/** The entry: the only place that sets an exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const json = argv.includes('--json');
  // Nobody reads any more, as behind `| head`. Results come when the work is done; progress must not end it half-way.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const refused = error.code === 'EPIPE' ? undefined : systemFailure(error);
    if (refused) process.exit(report(refused, json));
    // `ocr` and `logs` listen too, and end with what they have.
    if (process.stdout.listenerCount('error') === 1) process.exit();
  });
  process.stderr.on('error', () => undefined);
  leaveOutMetadataWarning();
  try {
    await program({ json }).parseAsync(argv);
  } catch (error) {
    process.exitCode = report(systemFailure(error) ?? error, json);
  }
}

/**
 * Where there are no credentials google-auth-library also looks for a metadata server, and warns of what it could not know
 * beforehand: that there is none (gcp-metadata 8, `isAvailable`). What is missing and what mends it is said by NO_CREDENTIALS.
 */
function leaveOutMetadataWarning(): void {
  const print = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'MetadataLookupWarning') print.forEach((listener) => listener(warning));
  });
}

/** Says what happened on standard error, with `--json` as one line of JSON at its end; returns the exit code. */
function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (json) process.stderr.write(`${jsonUsageError(error.message.replace(/^error: /, ''), HINT)}\n`);
    return 2;
  }
  const exitCode = error instanceof Failure ? error.exitCode : 3;
  if (json) process.stderr.write(`${jsonError(error, exitCode)}\n`);
  else print(formatError(error), process.stderr);
  if (!json && error instanceof Error && !(error instanceof Failure) && !isStopped(error))
    process.stderr.write(`${error.stack}\n`);
  return exitCode;
}
