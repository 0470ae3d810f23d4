import { spawn, spawnSync } from 'node:child_process';
import { killTree, processTree } from '../../../rehearsal/act/processTree';

/** Neither gone nor a zombie that nobody has waited for yet. */
const lives = (pid: number) =>
  /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim());

describe('killTree', () => {
  test('ends what a process has started too, in a process group of its own as well', async () => {
    // As act does: a step has a group of its own, which a signal to act's group does not reach.
    const script =
      'require("child_process").spawn("sleep", ["60"], { detached: true }); setInterval(() => 0, 1000)';
    const runner = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    let tree: number[] = [];
    while (tree.length < 2) tree = processTree(runner.pid!);
    expect(tree.map(lives)).toEqual([true, true]);
    const ended = new Promise((resolve) => runner.on('close', (_code, signal) => resolve(signal)));
    killTree(runner.pid!);
    expect(await ended).toBe('SIGKILL');
    expect(tree.map(lives)).toEqual([false, false]);
  });
});
