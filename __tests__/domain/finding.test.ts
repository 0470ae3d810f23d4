import { describeCounts, type Finding, findingsFailure, type FindingState } from '../../domain/finding';

const finding = (state: FindingState, subject = 'x'): Finding => ({
  check: 'c',
  subject,
  state,
  saw: `saw ${subject}`,
  ...(state !== 'ok' && { mend: `mend ${subject}` }),
});

describe('findingsFailure', () => {
  it('is none when every finding is ok', () => {
    expect(findingsFailure('d', [finding('ok'), finding('ok')])).toBeUndefined();
  });

  it.each<FindingState>(['wrong', 'not yet', 'cannot tell'])('one that is "%s" is exit code 3', (state) => {
    expect(findingsFailure('d', [finding('ok'), finding(state, 'y')])).toMatchObject({
      code: 'NOT_HEALTHY',
      exitCode: 3,
      got: 'y: saw y',
      remedy: 'mend y',
    });
  });

  it('names what is wrong before what is missing, and that before what could not be looked at', () => {
    const failure = findingsFailure('d', [
      finding('cannot tell', 'a'),
      finding('not yet', 'b'),
      finding('wrong', 'c'),
    ]);
    expect(failure).toMatchObject({
      got: 'c: saw c',
      message: expect.stringContaining('0 ok, 1 wrong, 1 not yet, 1 cannot tell'),
    });
  });

  it('no finding at all is no pass', () => {
    expect(findingsFailure('d', [])).toMatchObject({ exitCode: 3, message: 'Nothing was looked at.' });
  });
});

describe('describeCounts', () => {
  it('leaves out what there is none of', () => {
    expect(describeCounts([finding('ok'), finding('ok'), finding('cannot tell')])).toBe(
      '2 ok, 1 cannot tell',
    );
    expect(describeCounts([])).toBe('0 ok');
  });
});
