import { placeholderIdentity } from '../../../domain/plan/placeholder';
import { DEPLOYMENT } from '../../constructs/deployment';

describe('placeholderIdentity', () => {
  test('is one that every form check lets through and no registry holds', () => {
    expect(placeholderIdentity(DEPLOYMENT)).toEqual({
      sha: '0'.repeat(40),
      digest: `sha256:${'0'.repeat(64)}`,
      revision: expect.stringMatching(/^lightonocr-gpu-0000000-[0-9a-f]{6}$/),
    });
  });

  test('names another revision for another template', () => {
    const other = placeholderIdentity({ ...DEPLOYMENT, port: 8001 });
    expect(other.revision).not.toBe(placeholderIdentity(DEPLOYMENT).revision);
  });
});
