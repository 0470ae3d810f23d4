import type { Clock } from '../../../ocr/clock';
import type { Image } from '../registry';
import type { RunLine } from '../logging';
import type { Secrets } from '../secrets';
import { type Execution, maxRetries, shortName, type Task, type TaskAttempt } from './execution';
import { endOverMemory } from './memory';
import {
  type ContainerCommand,
  type ContainerProcess,
  type Print,
  spawnContainer,
  stopProcess,
} from './process';
import { environmentOf, mainContainer, projectOf } from './resources';

/** A running container of a task: it listens on nothing. */
export type TaskProcess = Omit<ContainerProcess, 'listening'>;

/** Starts a task's container; default `spawnContainer`. */
export type StartTask = (command: ContainerCommand, print: Print) => TaskProcess;

export interface TaskOptions {
  readonly clock: Clock;
  readonly startTask: StartTask;
  /** MiB of this machine that a MiB of a container's limit stands for. */
  readonly memoryScale: number;
  readonly findImage: (reference: string) => Image | undefined;
  readonly secrets: Pick<Secrets, 'valueFor'>;
  readonly log: (line: RunLine) => void;
}

/** Cloud Run's default for a task (https://cloud.google.com/run/docs/configuring/task-timeout). */
const TIMEOUT = '600s';
/** What a container that was ended by SIGKILL counts as: 128 and the signal's number. */
const KILLED = 137;

/** Runs a task until it succeeds, has no retries left or the execution is cancelled; its state says which. */
export async function runTask(execution: Execution, task: Task, options: TaskOptions): Promise<void> {
  const time = () => options.clock.now().toISOString();
  const cancelled = execution.stopping.signal;
  task.state = 'running';
  task.startTime = time();
  for (;;) {
    task.exitCode = await runOnce(execution, task, options);
    if (task.exitCode === 0 || cancelled.aborted || task.retried >= maxRetries(execution.template)) break;
    task.retried++;
  }
  task.completionTime = time();
  task.state = task.exitCode === 0 ? 'succeeded' : cancelled.aborted ? 'cancelled' : 'failed';
}

/** One start of its container; resolves with the exit code. */
async function runOnce(execution: Execution, task: Task, options: TaskOptions): Promise<number> {
  const { template, stopping } = execution;
  const attempt: TaskAttempt = {
    ...{ job: execution.job, execution: shortName(execution.name) },
    ...{ index: task.index, attempt: task.retried },
  };
  const say = (severity: 'WARNING' | 'ERROR', text: string) =>
    options.log({ log: 'varlog/system', task: attempt, severity, text });
  const reference = mainContainer(template).image ?? '';
  const image = options.findImage(reference);
  if (!image) {
    say('ERROR', `Image '${reference}' not found.`);
    return 1;
  }
  const command = commandOf(execution, attempt, image, options);
  const container = options.startTask(command, (stream, text) =>
    options.log({ log: stream, task: attempt, text }),
  );
  const ended = new AbortController();
  const stop = () => void stopProcess(container);
  stopping.signal.addEventListener('abort', stop);
  if (stopping.signal.aborted) stop();
  void endOverMemory(container, mainContainer(template).resources?.limits?.memory, options.memoryScale, say);
  options.clock.sleep(parseFloat(template.timeout ?? TIMEOUT), ended.signal, { ref: false }).then(
    () => {
      say(
        'ERROR',
        'Terminating task because it has reached the maximum timeout of ' + `${template.timeout ?? TIMEOUT}.`,
      );
      stop();
    },
    () => undefined,
  );
  const reason = await container.exited;
  ended.abort();
  stopping.signal.removeEventListener('abort', stop);
  const code = /exit\((\d+)\)/.exec(reason)?.[1];
  const exitCode = code === undefined ? KILLED : Number(code);
  if (exitCode !== 0) say('WARNING', reason);
  return exitCode;
}

/** https://cloud.google.com/run/docs/container-contract#jobs-env-vars */
function commandOf(
  execution: Execution,
  { index, attempt }: TaskAttempt,
  image: Image,
  { secrets }: TaskOptions,
): ContainerCommand {
  const container = mainContainer(execution.template);
  const [command = '', ...args] = [...(container.command ?? image.entrypoint), ...(container.args ?? [])];
  const { PATH, HOME } = process.env;
  return {
    command,
    args,
    env: {
      ...{ PATH, HOME },
      ...image.env,
      ...environmentOf(execution.template, projectOf(execution.job), secrets),
      CLOUD_RUN_JOB: shortName(execution.job),
      CLOUD_RUN_EXECUTION: shortName(execution.name),
      CLOUD_RUN_TASK_INDEX: String(index),
      CLOUD_RUN_TASK_ATTEMPT: String(attempt),
      CLOUD_RUN_TASK_COUNT: String(execution.tasks.length),
    },
  };
}

export const startTaskProcess: StartTask = spawnContainer;
