import { EventEmitter } from 'node:events';
import { sandboxCommand, sandboxOf, TRY_IT } from '../../../rehearsal/sandbox/main';
import { refusal, wordsOf } from '../../shownCommands';

describe('npm run sandbox', () => {
  test.each(TRY_IT)('shows %s, which the program takes', async (line) => {
    expect(await refusal(wordsOf(line).slice(1))).toBeUndefined();
  });

  test('rejects a flag that is not there', async () => {
    expect(await refusal(['--end'], sandboxCommand())).toBeDefined();
  });
});

describe('sandboxOf', () => {
  const started = (...events: [string, ...unknown[]][]) => {
    const child = new EventEmitter();
    const lines: string[] = [];
    const sandbox = sandboxOf(child, (line) => lines.push(line));
    events.forEach(([name, ...values]) => child.emit(name, ...values));
    return { sandbox, lines };
  };

  test('is what the process says once it is ready, and shows the first line of what it does', async () => {
    const progress = { kind: 'progress', line: 'a review\nof many lines' };
    const ready = { kind: 'ready', pid: 7, url: 'http://127.0.0.1:1' };
    const { sandbox, lines } = started(['message', progress], ['message', ready]);
    expect(await sandbox).toMatchObject({ pid: 7, url: 'http://127.0.0.1:1' });
    expect(lines).toEqual(['a review']);
  });

  test.each<[what: string, event: [string, ...unknown[]], got: string]>([
    ['says why it failed', ['message', { kind: 'failed', text: 'NOT_THE_COMMIT: …' }], 'NOT_THE_COMMIT: …'],
    ['ends', ['exit', null, 'SIGKILL'], 'it ended with SIGKILL'],
  ])('rejects when the process %s', async (_what, event, got) => {
    await expect(started(event).sandbox).rejects.toMatchObject({ code: 'SANDBOX_NOT_STARTED', got });
  });
});
