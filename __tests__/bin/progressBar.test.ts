import { barText, progressBar } from '../../bin/progressBar';

function terminal(isTTY: boolean, columns = 60) {
  let written = '';
  return { isTTY, columns, write: (text: string) => (written += text), written: () => written };
}

describe('progressBar', () => {
  test('draws over itself on a terminal, no wider than it', () => {
    const screen = terminal(true);
    let now = 0;
    const bar = progressBar(screen, () => now);
    now = 4000;
    bar.draw(10, 40, 'pages');
    now = 8000;
    bar.draw(20, 40, 'pages');
    expect(screen.written()).toBe(
      '\r\x1b[2K[#####...............] 10/40 pages' +
        '\r\x1b[2K[##########..........] 20/40 pages, 2.5 pages/s, 8 s left'.slice(0, 5 + 59),
    );
  });

  test('counts neither the wait before it nor pages that were there into its rate', () => {
    const screen = terminal(true);
    let now = 480_000;
    const bar = progressBar(screen, () => now);
    now += 480_000;
    bar.draw(1000, 1010, 'pages');
    now += 1000;
    bar.draw(1005, 1010, 'pages');
    expect(screen.written()).toContain('5.0 pages/s, 1 s le');
  });

  test('shows a wait without a rate', () => {
    const screen = terminal(true);
    progressBar(screen, () => 0).waitOf(480)(120.4, 'HTTP 503');
    expect(screen.written()).toBe('\r\x1b[2K[#####...............] 120/480 s, HTTP 503');
  });

  test('cuts nothing off where a terminal does not know its width and says 0', () => {
    const screen = terminal(true, 0);
    progressBar(screen, () => 0).waitOf(480)(0, 'HTTP 503');
    expect(screen.written()).toContain('0/480 s, HTTP 503');
  });

  test('says a wait in lines where there is no terminal', () => {
    const file = terminal(false);
    const onWait = progressBar(file, () => 0).waitOf(480);
    for (const seconds of [0, 0.3, 0.8]) onWait(seconds, 'HTTP 503');
    expect(file.written()).toBe('waiting for the model, 0 s (HTTP 503)\n');
  });

  test('is quiet where there is no terminal, but for lines', () => {
    const file = terminal(false);
    const bar = progressBar(file, () => 0);
    bar.draw(1, 2, 'pages');
    bar.line('page 3 failed');
    bar.end();
    expect(file.written()).toBe('page 3 failed\n');
  });
});

describe('barText', () => {
  test.each<[done: number, total: number, since: { done: number; seconds: number }, text: string]>([
    [0, 0, { done: 0, seconds: 0 }, '[....................] 0/0 pages'],
    [0, 40, { done: 0, seconds: 3 }, '[....................] 0/40 pages'],
    [40, 40, { done: 40, seconds: 10 }, '[####################] 40/40 pages, 4.0 pages/s, 0 s left'],
  ])('%d of %d, since then %j', (done, total, since, text) => {
    expect(barText(done, total, 'pages', since)).toBe(text);
  });
});
