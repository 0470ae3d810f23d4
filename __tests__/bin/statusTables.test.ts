import { statusTables } from '../../bin/statusTables';
import type { Status } from '../../release/verbs/status';
import { entry, hold } from '../fixtures/ledger';

const NOTHING: Status = {
  deployment: 'prod',
  isAtWork: false,
  service: 'svc',
  ledger: 'read',
  traffic: [],
  asIntended: false,
  scaledByHand: [],
  revisions: [],
  releases: [],
  holds: [],
};
const FULL: Status = {
  ...NOTHING,
  isAtWork: true,
  uri: 'https://svc',
  traffic: [
    { revision: 'b', tag: 'c-b' },
    { revision: 'a', percent: 100 },
  ],
  intent: { revision: 'a', by: 'ada', at: '2026-01-01T00:00:00.000Z', epoch: 1, reason: 'tables' },
  asIntended: true,
  condition: 'not ready',
  revisions: [
    { name: 'a', labels: {}, image: 'i', ready: 'yes' },
    { name: 'b', labels: {}, image: 'i', ready: 'no', condition: 'crashed' },
  ],
  releases: [entry('b', { sha: '0123456789', state: 'failed', reason: 'crashed' }), entry('a')],
  holds: [hold('b')],
  lease: { holder: 'run-7', expiresAt: '2026-01-01T00:05:00.000Z', epoch: 1 },
};
const lines = (status: Status) => statusTables(status).split('\n');

describe('statusTables', () => {
  test('says what serves, what is meant to, who is at work and what happened', () => {
    expect(lines(FULL)).toEqual([
      'svc https://svc',
      'traffic: a 100 %, tag c-b on b, as intended',
      'intent:  a by ada at 2026-01-01 00:00:00Z (tables)',
      'service: not ready',
      'lease:   run-7 until 2026-01-01 00:05:00Z',
      '',
      'revisions:',
      '  revision  ready  condition',
      '  a         yes',
      '  b         no     crashed',
      '',
      'releases:',
      '  when                  sha      revision  state   by  reason',
      '  2026-01-01 01:00:00Z  0123456  b         failed  ci  crashed',
      '  2026-01-01 01:00:00Z  sha-a    a         served  ci',
      '',
      'holds:',
      '  when                  revision  by   reason',
      '  2026-01-02 00:00:00Z  b         ada  tables come out empty',
    ]);
  });

  test('says so where there is neither service nor ledger, and what makes them', () => {
    expect(lines({ ...NOTHING, ledger: 'none', mend: 'make it' })).toEqual([
      'svc does not exist',
      'traffic: nothing',
      'ledger:  none, nothing says what is meant to serve',
      '  → make it',
    ]);
  });

  test('does not take a ledger that it could not read for an intent that there is not', () => {
    expect(lines({ ...NOTHING, uri: 'https://svc', ledger: 'unread' })[2]).toMatch(
      /^ledger: {2}cannot be read/,
    );
    expect(lines({ ...NOTHING, uri: 'https://svc' })[2]).toBe('intent:  none');
  });

  test('traffic that is not as intended is on its way while somebody is at work; otherwise it says what puts it back', () => {
    const moved = { ...FULL, asIntended: false };
    expect(lines(moved)[1]).toBe('traffic: a 100 %, tag c-b on b');
    const [, traffic, , , lease] = lines({ ...moved, isAtWork: false });
    expect(traffic).toBe(
      'traffic: a 100 %, tag c-b on b, NOT as intended; put it back: bin/lightonocr rollback prod --to a --reason "put back what was meant"',
    );
    expect(lease).toBe(
      'lease:   run-7 until 2026-01-01 00:05:00Z, which is over: bin/lightonocr reconcile prod',
    );
  });

  test('shows the ten newest releases', () => {
    const releases = Array.from({ length: 12 }, (_, at) => entry(`r${at}`));
    const text = statusTables({ ...NOTHING, releases });
    expect([text.includes(' r9 '), text.includes(' r10 ')]).toEqual([true, false]);
  });
});
