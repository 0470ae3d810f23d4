import { barText, progressBar } from '../../bin/progressBar';

function terminal(isTTY: boolean) {
  let written = '';
  return { isTTY, columns: 60, write: (text: string) => (written += text), written: () => written };
}

describe('progressBar', () => {
  test('draws over itself on a terminal, no wider than it', () => {
    const screen = terminal(true);
    let now = 0;
    const bar = progressBar(screen, () => now);
    now = 4000;
    bar.draw(10, 40, 'pages');
    expect(screen.written()).toBe(
      '\r\x1b[2K[#####...............] 10/40 pages, 2.5 pages/s, 12 s left'.slice(0, 5 + 59),
    );
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
  test.each<[done: number, total: number, seconds: number, text: string]>([
    [0, 0, 0, '[....................] 0/0 pages'],
    [0, 40, 3, '[....................] 0/40 pages'],
    [40, 40, 10, '[####################] 40/40 pages, 4.0 pages/s, 0 s left'],
  ])('%d of %d after %d s', (done, total, seconds, text) => {
    expect(barText(done, total, seconds, 'pages')).toBe(text);
  });
});
