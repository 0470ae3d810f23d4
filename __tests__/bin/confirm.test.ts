import { PassThrough } from 'node:stream';
import { confirm } from '../../bin/confirm';

/** A person at a terminal; `types` is written once there is a question. */
function person(types: string | undefined, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  const shown: string[] = [];
  output.on('data', (text: Buffer) => {
    shown.push(text.toString());
    if (!shown.join('').includes('[y/N]') || input.writableEnded) return;
    if (types === undefined) input.end();
    else input.write(types);
  });
  return { input, output, shown };
}

describe('confirm', () => {
  test.each(['y\n', 'yes\n', ' Y \n'])('goes on after %j', async (types) => {
    const terminal = person(types);
    await confirm(['raises it'], false, terminal);
    expect(terminal.shown.join('')).toContain('raises it\nGo on? [y/N] ');
  });

  test.each([['\n'], ['n\n'], ['yess\n'], [undefined]])('rejects %j: nobody said yes', async (types) => {
    await expect(confirm(['raises it'], false, person(types))).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
      exitCode: 2,
    });
  });

  test('rejects where there is no terminal, without a word to it', async () => {
    const terminal = person('y\n', false);
    await expect(confirm(['raises it'], false, terminal)).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
      remedy: expect.stringContaining('--yes'),
    });
    expect(terminal.shown).toEqual([]);
  });

  test('with --yes asks nobody', async () => {
    const terminal = person(undefined, false);
    await confirm(['raises it'], true, terminal);
    expect(terminal.shown).toEqual([]);
  });
});
