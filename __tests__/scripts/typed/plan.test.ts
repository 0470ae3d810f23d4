import { filledIn } from '../../../scripts/typed/plan';

const known = { plan: 'P1', fingerprint: 'F1', revision: 'svc-a', newest: undefined, digest: 'sha256:d1' };

describe('filledIn', () => {
  test.each([
    ['bin/lightonocr status production', 'bin/lightonocr status rehearsal'],
    [
      'bin/lightonocr apply production --plan PLAN --fingerprint FINGERPRINT',
      'bin/lightonocr apply rehearsal --plan P1 --fingerprint F1',
    ],
    [
      'bin/lightonocr rollback production --to THE_ONE_YOU_LEFT --reason TEXT',
      'bin/lightonocr rollback rehearsal --to svc-a --reason "as the page says"',
    ],
    [
      'bin/lightonocr plan production --sha HEAD --digest sha256:DIGEST',
      'bin/lightonocr plan rehearsal --sha HEAD --digest sha256:d1',
    ],
    ['bin/lightonocr ocr production scan.pdf', 'bin/lightonocr ocr rehearsal .lightonocr/pages/scan.pdf'],
  ])('%s', (command, typed) => expect(filledIn(command, known)).toBe(typed));
});
