import { vllmArgsRule } from '../../../domain/rules/vllmArgs';
import { DEPLOYMENT } from '../../constructs/deployment';

const found = (version: string, ...args: string[]) =>
  vllmArgsRule({ ...DEPLOYMENT, vllm: { ...DEPLOYMENT.vllm, version, args } });

describe('vllmArgsRule', () => {
  test('says which flag was meant, and nothing where none is near', () => {
    expect(found('0.33.0', '--enforce-eagre')[0]).toMatchObject({
      code: 'ARGS_UNKNOWN',
      reason: expect.stringContaining('did you mean --enforce-eager?'),
      remedy: 'Write --enforce-eager, or take it out.',
    });
    expect(found('0.33.0', '--zzzzzzzz')[0]).toMatchObject({ remedy: 'Take it out.' });
  });

  test('goes by the pinned version', () => {
    const later = '--max-num-active-seqs';
    expect(found('0.33.0', later, '4')).toEqual([]);
    expect(found('0.30.0', later, '4')[0]?.reason).toMatch(/^vLLM 0\.30\.0 has no such flag/);
  });

  test('names the key that a flag has', () => {
    expect(found('0.30.0', '--port', '1')[0]).toMatchObject({
      code: 'ARGS_HAVE_KEY',
      remedy: 'Write port, and take the flag out.',
    });
  });

  test('reports everything together', () => {
    const codes = found('0.30.0', '--port', '1', '--sed', '2', '--api-key', 'x').map(({ code }) => code);
    expect(codes).toEqual(['ARGS_HAVE_KEY', 'ARGS_UNKNOWN', 'ARGS_SECRET']);
  });
});
