import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { PageResult } from '../../ocr/pageResult';
import { attachmentsPdf, busyPdf, encryptedPdf, ENGLISH, passwordPdf, pdfOf } from '../ocr/documents';
import { MODEL, ROOT } from '../rehearsal/vllm/container';
import { runProgram, startProgram } from './program';

const folder = mkdtempSync(join(tmpdir(), 'ocr-commands-'));
const SCANS = join(folder, 'scans.pdf');
const MIXED = join(folder, 'mixed.pdf');
const LOCKED = join(folder, 'locked.pdf');
beforeAll(async () => {
  writeFileSync(SCANS, await pdfOf(['scanned', 'scanned', 'scanned']));
  writeFileSync(MIXED, await pdfOf(['digital', 'scanned']));
  writeFileSync(LOCKED, encryptedPdf());
});
afterAll(() => rmSync(folder, { recursive: true }));

/** No account, no key, no home with either. */
const NO_CREDENTIALS = {
  HOME: folder,
  GOOGLE_OAUTH_ACCESS_TOKEN: '',
  GOOGLE_APPLICATION_CREDENTIALS: '',
  LIGHTONOCR_ID_TOKEN: '',
  LIGHTONOCR_ENDPOINT: '',
};

/** Of a process, its threads included: fields 14 and 15 of proc(5), in hundredths. 0 once it is gone. */
function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** The same scans under ten names. */
const many = () =>
  Array.from({ length: 10 }, (_, at) => {
    const file = join(folder, `scans-${at}.pdf`);
    copyFileSync(SCANS, file);
    return file;
  });

/** Cloud Run's API, which says where the service is, and the service itself. `held` completions are never answered. */
async function startCloud({ statuses = [] as number[], held = false, cold = false, heldAt = 0 } = {}) {
  const completions: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  let url = '';
  let polls = 0;
  const server = createServer((request, response) => {
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    let body = '';
    if (request.method === 'POST') headers.push(request.headers);
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.url?.startsWith('/v2/'))
        return json({ name: 'service', uri: url, etag: 'e', generation: '1' });
      if (request.url === '/v1/models') polls += 1;
      if (request.url === '/v1/models' && cold) return json({}, 503);
      if (request.url === '/v1/models') return json({ data: [{ id: MODEL }] });
      const status = statuses[completions.push(body) - 1] ?? 200;
      if (held && completions.length > 1) return undefined;
      if (completions.length === heldAt) return undefined;
      if (status !== 200) return json({ error: { message: 'no' } }, status);
      return json({
        choices: [{ message: { content: 'read' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 100, completion_tokens: 1 },
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run = (...args: readonly string[]) => runIn('exec "$0" "$@"', ...args);
  /** Through a shell, which says where the output goes. */
  const runIn = (shell: string, ...args: readonly string[]) => {
    const child = spawn(
      'sh',
      ['-c', shell, process.execPath, join(ROOT, 'bin/lightonocr'), ...args, '--endpoint', url],
      {
        cwd: ROOT,
        env: { ...process.env, GOOGLE_OAUTH_ACCESS_TOKEN: 'access', LIGHTONOCR_ID_TOKEN: 'secret-identity' },
      },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number, stdout, stderr }));
    return Object.assign(ended, { child });
  };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  clouds.push(close);
  return { url, run, runIn, completions, headers, polls: () => polls };
}
const clouds: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(clouds.splice(0).map((close) => close())));

describe('lightonocr ocr', () => {
  test('prints a document, says which way its pages went, and shows no bar and no token', async () => {
    const { run, completions } = await startCloud();
    const { code, stdout, stderr } = await run('ocr', 'rehearsal', MIXED);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Page 1\n[\s\S]*\n\n---\n\nread\n$/);
    expect(stderr).toBe(
      `${MIXED}: text layer: 1; OCR: 2\n2 pages of 1 document: 1 by the service, 1 from text layers\n`,
    );
    expect(stdout + stderr).not.toMatch(/secret|\x1b/);
    expect(completions).toHaveLength(1);
  });

  test('reads every page by the service with --force-ocr', async () => {
    const { run, completions } = await startCloud();
    expect((await run('ocr', 'rehearsal', MIXED, '--force-ocr')).stdout).toBe('read\n\n---\n\nread\n');
    expect(completions).toHaveLength(2);
  });

  test('loses no page to a bad document and a refused page; exit code and summary say so', async () => {
    const { run } = await startCloud({ statuses: [200, 400] });
    const args = ['ocr', 'rehearsal', LOCKED, SCANS, '--format', 'json', '--window', '1'];
    const { code, stdout, stderr } = await run(...args);
    const { pages } = JSON.parse(stdout) as { pages: PageResult[] };
    expect(pages.map(({ status, error }) => error?.code ?? status)).toEqual([
      'ENCRYPTED_DOCUMENT',
      'whole',
      'REQUEST_REFUSED',
      'whole',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('2 by the service, 0 from text layers, 2 failed');
    expect(stderr).toContain('PAGES_NOT_WHOLE: 2 of 4 pages');
  });

  test('is killed, resumed, and ends with every page once', async () => {
    const out = join(folder, 'pages.jsonl');
    const args = ['ocr', 'rehearsal', SCANS, '--format', 'jsonl', '--out', out, '--window', '1'];
    const first = await startCloud({ held: true });
    const running = first.run(...args);
    while (first.completions.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGKILL');
    await running;
    const second = await startCloud();
    const refused = await second.run(...args);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('OUTPUT_EXISTS')]);
    expect(await second.run(...args, '--resume')).toMatchObject({ code: 0 });
    expect(second.completions).toHaveLength(2);
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as PageResult).page)).toEqual([1, 2, 3]);
  });

  test('ends on SIGINT with what it has, and says how to go on', async () => {
    const { run, completions } = await startCloud({ held: true });
    const out = join(folder, 'interrupted.jsonl');
    const running = run('ocr', 'rehearsal', SCANS, '--format', 'jsonl', '--out', out, '--window', '1');
    while (completions.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGINT');
    expect(await running).toMatchObject({ code: 1, stderr: expect.stringContaining('--resume goes on') });
    expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  // In the middle of a page that would draw for minutes: nothing but the end of its thread stops pdfium.
  (existsSync('/proc/self/stat') ? test : test.skip).each(['SIGINT', 'SIGTERM'] as const)(
    'ends on %s while a page is drawn',
    async (signal) => {
      const { url, completions } = await startCloud();
      const slow = join(folder, 'slow.pdf');
      writeFileSync(slow, busyPdf(90_000, 612));
      const { child, ended } = startProgram(['ocr', '--url', url, slow], NO_CREDENTIALS);
      while (cpuSeconds(child.pid!) < 4) await new Promise((resolve) => setTimeout(resolve, 50));
      const before = cpuSeconds(child.pid!);
      child.kill(signal);
      let spent = before;
      while (child.exitCode === null) {
        spent = Math.max(spent, cpuSeconds(child.pid!));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(await ended).toMatchObject({ code: 1, err: expect.stringContaining('STOPPED') });
      expect(spent - before).toBeLessThan(1);
      expect(completions).toHaveLength(0);
    },
  );

  test('ends on SIGINT with pages that were done behind one that was not, and says that pages are missing', async () => {
    const { run, completions } = await startCloud({ heldAt: 1 });
    const running = run('ocr', 'rehearsal', SCANS, '--window', '2');
    while (completions.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 200));
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running;
    expect([code, stdout]).toEqual([1, 'read\n\n---\n\nread\n\n---\n\n<!-- 1 of 3 pages are missing -->\n']);
    expect(stderr).toMatch(/STOPPED[\s\S]*got: {4}SIGINT/);
  });

  test.each([['ocr', SCANS], ['warmup']])(
    '%s does not tell of a cold start at every poll, and ends on SIGINT with nothing to reconcile',
    async (command, ...files) => {
      const { run, polls } = await startCloud({ cold: true });
      const running = run(command, 'rehearsal', ...files);
      await once(running.child.stderr, 'data');
      while (polls() < 5) await new Promise((resolve) => setTimeout(resolve, 20));
      running.child.kill('SIGINT');
      const { code, stderr } = await running;
      expect(stderr.match(/waiting for the model/g)?.length).toBeLessThan(polls());
      expect([code, stderr]).toEqual([1, expect.stringContaining('STOPPED')]);
      expect(stderr).not.toContain('reconcile');
    },
  );

  test('stops reading when nobody reads its output', async () => {
    const { run, completions } = await startCloud();
    const args = ['--format', 'jsonl', '--window', '1'];
    const running = run('ocr', 'rehearsal', ...many(), ...args);
    running.child.stdout.destroy();
    expect(await running).toMatchObject({ code: 1, stderr: expect.stringContaining('EPIPE') });
    expect(completions.length).toBeLessThan(30);
  });

  test.each(['markdown', 'json', 'jsonl'])('fails when %s does not fit on the disk', async (format) => {
    const { runIn } = await startCloud();
    const full = await runIn('exec "$0" "$@" > /dev/full', 'ocr', 'rehearsal', MIXED, '--format', format);
    expect(full).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^SYSTEM_REFUSED: The disk is full\.[^]*ENOSPC/m),
    });
  });

  test('fails when a part of its output went into a file: it could be taken for the whole', async () => {
    const { runIn } = await startCloud();
    const out = join(folder, 'cut.json');
    // At most 512 bytes a file.
    const shell = `ulimit -f 1; exec "$0" "$@" > ${out}`;
    const { code, stderr } = await runIn(shell, 'ocr', 'rehearsal', MIXED, '--format', 'json');
    expect([code, stderr]).toEqual([2, expect.stringContaining('OUTPUT_NOT_WRITABLE')]);
  });

  test('reads no further when a file cannot be written', async () => {
    const { run, completions } = await startCloud();
    const out = join(folder, 'refused');
    const reading = run('ocr', 'rehearsal', ...many(), '--out', out, '--window', '1');
    while (completions.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    mkdirSync(join(out, 'scans-0.pdf.md.next'));
    expect(await reading).toMatchObject({ code: 2, stderr: expect.stringContaining('OUTPUT_NOT_WRITABLE') });
    expect(completions.length).toBeLessThan(20);
  });

  test('fails when nobody takes its only document', async () => {
    const { run } = await startCloud();
    const running = run('ocr', 'rehearsal', MIXED, '--format', 'json');
    running.child.stdout.destroy();
    expect(await running).toMatchObject({ code: 1, stderr: expect.stringContaining('EPIPE') });
  });

  test('reads standard input as -', async () => {
    const { runIn } = await startCloud();
    const { code, stdout } = await runIn(
      `cat ${MIXED} | "$0" "$@"`,
      'ocr',
      'rehearsal',
      '-',
      '--format',
      'jsonl',
    );
    expect([code, stdout.split('\n')[0]]).toEqual([0, expect.stringContaining('"document":"/dev/stdin"')]);
  });

  test('takes a time-out for that of a page once the service is ready', async () => {
    const { run } = await startCloud({ statuses: [503, 503, 503] });
    const { code, stderr } = await run('ocr', 'rehearsal', MIXED);
    expect([code, stderr]).toEqual([1, expect.stringContaining('page 2 failed: SERVICE_ERROR')]);
  });

  test('drops the pages of a file that has changed, and says how many', async () => {
    const { run } = await startCloud();
    const [file, out] = [join(folder, 'changing.pdf'), join(folder, 'changing.jsonl')];
    const args = ['ocr', 'rehearsal', file, '--format', 'jsonl', '--out', out];
    copyFileSync(MIXED, file);
    await run(...args);
    copyFileSync(SCANS, file);
    const { code, stderr } = await run(...args, '--resume');
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('2 pages dropped: of documents that have changed'),
    ]);
    expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(3);
  });

  test('reads a file that is named twice once', async () => {
    const { run, completions } = await startCloud();
    expect((await run('ocr', 'rehearsal', MIXED, MIXED)).stderr).toContain('2 pages of 1 document');
    expect(completions).toHaveLength(1);
  });

  test('fails as long as a page in the output is not whole, resumed or not', async () => {
    const out = join(folder, 'truncated.jsonl');
    const args = ['ocr', 'rehearsal', MIXED, '--format', 'jsonl', '--out', out];
    const { run } = await startCloud();
    expect(await run(...args)).toMatchObject({ code: 0 });
    writeFileSync(out, readFileSync(out, 'utf8').replace('"whole"', '"truncated"'));
    expect(await run(...args, '--resume')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('PAGES_NOT_WHOLE: 1 of 2 pages'),
    });
  });

  test('reads a folder and a ZIP in it, and keeps the pictures that were sent', async () => {
    const { run, completions } = await startCloud();
    const post = join(folder, 'post');
    const kept = join(folder, 'kept');
    mkdirSync(join(post, 'a'), { recursive: true });
    copyFileSync(MIXED, join(post, 'a', 'mixed.pdf'));
    writeFileSync(
      join(post, 'b.zip'),
      zipSync({ 'in/mixed.pdf': readFileSync(MIXED), '.hidden': Buffer.from('x') }),
    );
    const { code, stdout } = await run('ocr', 'rehearsal', post, '--format', 'jsonl', '--keep-images', kept);
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as PageResult);
    expect(code).toBe(0);
    expect(results.map(({ document, page }) => `${document} ${page}`)).toEqual([
      `${join(post, 'a', 'mixed.pdf')} 1`,
      `${join(post, 'a', 'mixed.pdf')} 2`,
      `${join(post, 'b.zip')}/in/mixed.pdf 1`,
      `${join(post, 'b.zip')}/in/mixed.pdf 2`,
    ]);
    const sent = readFileSync(join(kept, 'mixed.pdf-0002.png')).toString('base64');
    expect(completions[0]).toContain(sent);
    expect(readdirSync(kept)).toEqual(['mixed.pdf-0002.png', 'mixed.pdf-2-0002.png']);
  });

  test('reads with any server by --url, without a project, credentials or a deployment', async () => {
    const { url, completions, headers } = await startCloud();
    const environment = { ...NO_CREDENTIALS, LIGHTONOCR_ID_TOKEN: 'secret-identity' };
    const { code, out, err } = await runProgram(['ocr', '--url', url, MIXED], environment);
    expect([code, err]).toEqual([0, expect.stringContaining('1 by the service, 1 from text layers')]);
    expect(out).toContain('\n\n---\n\nread\n');
    expect(JSON.parse(completions[0]!)).toMatchObject({ model: MODEL, max_tokens: 4096 });
    expect(headers.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test('shows a server its own key, and takes the settings of a deployment', async () => {
    const { url, completions, headers } = await startCloud();
    const args = [
      'ocr',
      'rehearsal',
      SCANS,
      '--url',
      url,
      '--model',
      MODEL,
      '--no-warm-up',
      '--format',
      'jsonl',
    ];
    const { code, err } = await runProgram(args, { ...NO_CREDENTIALS, LIGHTONOCR_API_KEY: 'the-key' });
    expect([code, err]).toEqual([0, '3 pages of 1 document: 3 by the service, 0 from text layers\n']);
    expect(completions).toHaveLength(3);
    expect(new Set(headers.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer the-key']));
  });

  test('rejects a model that a server does not serve, and --model without --url', async () => {
    const { url, run } = await startCloud();
    expect(await runProgram(['ocr', '--url', url, SCANS, '--model', 'other'], NO_CREDENTIALS)).toMatchObject({
      code: 1,
      err: expect.stringContaining('MODEL_NOT_SERVED'),
    });
    expect(await run('ocr', 'rehearsal', SCANS, '--model', 'other')).toMatchObject({ code: 2 });
  });

  test('opens a PDF with the password of a file, and never prints it; reads what is embedded', async () => {
    const { run } = await startCloud();
    const [locked, secret, inner] = ['asks.pdf', 'secret.txt', 'carrier.pdf'].map((name) =>
      join(folder, name),
    );
    writeFileSync(locked!, passwordPdf('zebra-7', ENGLISH[0]!));
    writeFileSync(secret!, 'zebra-7\n');
    writeFileSync(inner!, await attachmentsPdf({ 'in.pdf': readFileSync(MIXED) }));
    const args = ['ocr', 'rehearsal', locked!, inner!, SCANS, '--attachments', '--format', 'jsonl'];
    const { code, stdout, stderr } = await run(...args, '--password', secret!);
    const pages = stdout.trim().split('\n');
    const results = pages.map((line) => JSON.parse(line) as PageResult);
    expect(results.map(({ document, page, status }) => `${document} ${page} ${status}`)).toEqual([
      `${locked} 1 whole`,
      `${inner} 1 whole`,
      ...[1, 2].map((page) => `${inner}/in.pdf ${page} whole`),
      ...[1, 2, 3].map((page) => `${SCANS} ${page} whole`),
    ]);
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain('zebra');
  });

  test('rejects a file that is not there before anything is asked', async () => {
    const { run, completions } = await startCloud();
    const { code, stderr } = await run('ocr', 'rehearsal', MIXED, join(folder, 'none.pdf'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('NO_SUCH_FILE')]);
    expect(completions).toHaveLength(0);
  });
});

describe('lightonocr warmup', () => {
  test('says when the service is ready and how many answered', async () => {
    const { run, completions } = await startCloud();
    const { code, stdout } = await run('warmup', 'guide', '--instances', '2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ready after \d+\.\d s; (\d+) of \1 requests answered\n$/);
    expect(completions.length).toBeGreaterThan(1);
  });

  test('prints data with --json', async () => {
    const { run } = await startCloud();
    const { stdout } = await run('warmup', 'rehearsal', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ sent: 1, answered: 1, failures: [] });
  });

  test('rejects more instances than the deployment may have before anything is asked', async () => {
    const { run, polls } = await startCloud();
    const { code, stdout, stderr } = await run('warmup', 'rehearsal', '--instances', '2');
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/ABOVE_MAXIMUM.*at most 1;/s)]);
    expect(polls()).toBe(0);
  });

  test('fails when not all were answered', async () => {
    const { run } = await startCloud({ statuses: [429] });
    const { code, stderr } = await run('warmup', 'guide', '--instances', '2');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/NOT_ALL_WARM.*OVERLOADED/s)]);
  });
});
