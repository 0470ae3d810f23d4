import type { ReleaseContext } from '../../../release/ports/context';

type Ports = Pick<ReleaseContext, 'cloudRun' | 'ledger' | 'terraform' | 'metrics' | 'defences'>;
type Call = (...args: never[]) => unknown;

/** The context with something else happening right before one of its calls, the first time that it is made. */
export function before<Port extends keyof Ports>(
  context: ReleaseContext,
  port: Port,
  call: keyof Ports[Port],
  happens: () => unknown,
): ReleaseContext {
  const first = once(happens);
  return around(context, port, call, async (real) => {
    await first();
    return real();
  });
}

/** The context with something else happening right after one of its calls, the first time that it is made. */
export function after<Port extends keyof Ports>(
  context: ReleaseContext,
  port: Port,
  call: keyof Ports[Port],
  happens: () => unknown,
): ReleaseContext {
  const first = once(happens);
  return around(context, port, call, async (real) => {
    const result = await real();
    await first();
    return result;
  });
}

function once(happens: () => unknown): () => unknown {
  let happened = false;
  return () => {
    if (happened) return undefined;
    happened = true;
    return happens();
  };
}

function around<Port extends keyof Ports>(
  context: ReleaseContext,
  port: Port,
  call: keyof Ports[Port],
  change: (real: () => unknown) => unknown,
): ReleaseContext {
  const real = context[port][call] as unknown as Call;
  const changed: Call = (...args) => change(() => real(...args));
  return { ...context, [port]: { ...context[port], [call]: changed } };
}

export interface Killed {
  readonly context: ReleaseContext;
  /** Resolves when the process has been killed. */
  readonly killed: Promise<void>;
}

/**
 * The context of a process that is killed right before or after a call: from then on nothing of it goes on, no heartbeat
 * and no `finally`.
 * @param count kills at this many calls; default the first.
 */
export function killedAt<Port extends keyof Ports>(
  context: ReleaseContext,
  when: 'before' | 'after',
  port: Port,
  call: keyof Ports[Port],
  count = 1,
): Killed {
  let calls = 0;
  let isDead = false;
  let die = () => undefined as void;
  const killed = new Promise<void>((resolve) => (die = resolve));
  const kill = () => {
    isDead = true;
    die();
  };
  const fatal = around(context, port, call, async (real) => {
    const isLast = ++calls === count;
    if (isLast && when === 'before') kill();
    if (isDead) return new Promise(() => undefined);
    const result = await real();
    if (isLast) kill();
    return result;
  });
  return { context: mortal(fatal, () => isDead), killed };
}

/** Every asynchronous call of a dead process hangs for ever. */
function mortal(context: ReleaseContext, isDead: () => boolean): ReleaseContext {
  const gate = (real: Call): Call => {
    return (...args) => {
      if (isDead()) return new Promise(() => undefined);
      const result = real(...args);
      if (!(result instanceof Promise)) return result;
      return result.then(
        (value: unknown) => (isDead() ? new Promise(() => undefined) : value),
        (error: unknown) => (isDead() ? new Promise(() => undefined) : Promise.reject(error as Error)),
      );
    };
  };
  const gated = (port: object) =>
    Object.fromEntries(
      Object.entries(port).map(([name, value]) => [
        name,
        typeof value === 'function' && name !== 'now' ? gate(value as Call) : (value as unknown),
      ]),
    );
  const { cloudRun, ledger, terraform, metrics, clock, registry, storage } = context;
  const ports = { cloudRun, ledger, terraform, metrics, clock, registry, storage };
  return {
    ...context,
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, gated(port)])),
  };
}
