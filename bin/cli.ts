import { Command, CommanderError } from 'commander';
import { Failure } from '../domain/failure';
import { addCostCommands } from './costCommands';
import { addDoctorCommands } from './doctorCommands';
import { errorWords, isStopped } from './errorWords';
import { addLogCommands } from './logCommands';
import { addLookCommands } from './lookCommands';
import { addPipelineCommands } from './pipelineCommands';
import { addPlatformCommands } from './platformCommands';
import { addOcrCommand } from './ocrCommand';
import { addReleaseCommands } from './releaseCommands';
import { addReportCommands } from './reportCommands';
import { addScaleCommands } from './scaleCommands';
import { addToolCommands } from './toolCommands';
import { addTroubleshootCommands } from './troubleshootCommands';
import { addWarmUpCommand } from './warmUpCommand';

/** Exit codes, as every command's help says. */
const EXIT_CODES = `
Exit codes: 0 done, 1 failed and put back, 2 usage or configuration, 3 stopped: a person is needed, 4 superseded.`;

/** In the order in which a person meets them. */
const GROUPS: readonly (readonly [string, ...((root: Command) => void)[]])[] = [
  ['Releasing:', addReleaseCommands, addPipelineCommands],
  ['Setting up:', addPlatformCommands, addToolCommands],
  ['Looking:', addDoctorCommands, addLogCommands, addLookCommands, addReportCommands, addCostCommands],
  ['In an emergency:', addScaleCommands, addTroubleshootCommands],
  ['Reading documents:', addOcrCommand, addWarmUpCommand],
];

export function program(): Command {
  const root = new Command('lightonocr')
    .description('Releases the LightOnOCR service on Cloud Run, and looks after it.')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .showHelpAfterError('(lightonocr COMMAND --help shows the options and an example)');
  for (const [group, ...commands] of GROUPS) {
    root.commandsGroup(group);
    commands.forEach((add) => add(root));
  }
  return root;
}

/** The entry: the only place that sets an exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // Nobody reads any more, as behind `| head`. Results come when the work is done; progress must not end it half-way.
  process.stdout.on('error', () => {
    // `ocr` and `logs` listen too, and end with what they have.
    if (process.stdout.listenerCount('error') === 1) process.exit();
  });
  process.stderr.on('error', () => undefined);
  leaveOutMetadataWarning();
  try {
    await program().parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
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

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  process.stderr.write(`${errorWords(error)}\n`);
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof Error && !isStopped(error)) process.stderr.write(`${error.stack}\n`);
  return 3;
}
