import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { completed, init } from '../../bin/initCommand';
import { loadDeployment } from '../../deployments/load';

const GIVEN = { project: 'my-project-123', invokers: 'user:ada@example.com, group:ocr@example.com' };
const folder = () => mkdtempSync(join(tmpdir(), 'init-'));

describe('init', () => {
  test('writes a file that loads as it was asked for', async () => {
    const directory = folder();
    const github = { repository: 'acme/ocr', ownerId: '42' };
    await init('staging', { ...GIVEN, ...github, region: 'europe-west4', size: '8x32' }, directory);
    expect(loadDeployment('staging', directory)).toMatchObject({
      project: 'my-project-123',
      region: 'europe-west4',
      size: { cpu: 8, memoryGib: 32 },
      access: { invokers: ['user:ada@example.com', 'group:ocr@example.com'] },
      github: { repository: 'acme/ocr', ownerId: 42 },
    });
  });

  test.each([
    ['a size that a new project holds twice', '4x16', /bootstrap staging$/],
    ['a size that it does not', '8x32', /^bin\/lightonocr quota staging --request$/],
  ])('says the next command for %s', async (_what, size, next) => {
    expect((await init('staging', { ...GIVEN, size }, folder())).next).toMatch(next);
  });

  test('never overwrites a deployment', async () => {
    const directory = folder();
    await init('staging', GIVEN, directory);
    const before = readFileSync(join(directory, 'staging.yaml'), 'utf8');
    await expect(init('staging', { project: 'other-project' }, directory)).rejects.toMatchObject({
      code: 'DEPLOYMENT_EXISTS',
      exitCode: 2,
    });
    expect(readFileSync(join(directory, 'staging.yaml'), 'utf8')).toBe(before);
  });

  test.each([
    ['no project', { ...GIVEN, project: undefined }, 'BAD_INPUT'],
    ['a size that is not offered', { ...GIVEN, size: '2x8' }, 'BAD_INPUT'],
    ['a repository without its owner', { ...GIVEN, repository: 'acme/ocr' }, 'BAD_INPUT'],
    ['a region without L4', { ...GIVEN, region: 'mars-north1' }, 'INVALID_DEPLOYMENT'],
    ['a service that is open to everyone', { ...GIVEN, invokers: 'allUsers' }, 'INVALID_DEPLOYMENT'],
    ['text that YAML reads as something else', { ...GIVEN, project: 'a: [' }, 'INVALID_DEPLOYMENT'],
  ])('rejects %s and writes nothing', async (_what, given, code) => {
    const directory = folder();
    await expect(init('staging', given, directory)).rejects.toMatchObject({ code, exitCode: 2 });
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(['../evil', 'Staging', 'a b'])('rejects the name %j', async (name) => {
    await expect(init(name, GIVEN, folder())).rejects.toMatchObject({ code: 'INVALID_DEPLOYMENT' });
  });
});

describe('completed', () => {
  /** A person who types these lines, one for each question. */
  const person = (lines: readonly string[], isTTY = true) => {
    const input = Object.assign(new PassThrough(), { isTTY });
    const output = new PassThrough();
    let shown = '';
    let asked = 0;
    output.on('data', (text: Buffer) => {
      shown += text.toString();
      if (text.toString().includes(': ') && asked < lines.length) input.write(`${lines[asked++]}\n`);
    });
    return { input, output, shown: () => shown };
  };

  test('asks for what no flag says, and takes the defaults for empty answers', async () => {
    const terminal = person(['my-project-123', '', '', '']);
    expect(await completed({ region: 'europe-west1' }, terminal)).toEqual({
      project: 'my-project-123',
      region: 'europe-west1',
      size: '4x16',
      invokers: '',
      repository: '',
    });
    expect(terminal.shown()).not.toContain('Region');
  });

  test("asks for the owner's number once there is a repository", async () => {
    const terminal = person(['p', 'r', '4x16', '', 'acme/ocr', '42']);
    expect(await completed({}, terminal)).toMatchObject({ repository: 'acme/ocr', ownerId: '42' });
  });

  test('asks nobody where there is no terminal', async () => {
    const terminal = person([], false);
    expect(await completed({ project: 'p' }, terminal)).toEqual({ project: 'p' });
    expect(terminal.shown()).toBe('');
  });
});
