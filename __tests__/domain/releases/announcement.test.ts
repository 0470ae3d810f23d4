import { type Announcement, webhookBody } from '../../../domain/releases/announcement';

const ANNOUNCEMENT: Announcement = {
  deployment: 'production',
  command: 'rollback',
  outcome: 'done',
  text: 'all traffic is on svc-a',
  by: 'ada',
  reason: 'tables come out empty',
  traffic: [{ revision: 'svc-a', percent: 100 }],
  runUrl: 'https://github.com/o/r/actions/runs/1',
};

describe('webhookBody', () => {
  test.each([
    'https://hooks.slack.com/services/T/B/x',
    'https://chat.googleapis.com/v1/spaces/A/messages?key=k',
  ])('is a text for a chat room: %s', (url) => {
    expect(webhookBody(new URL(url), ANNOUNCEMENT)).toEqual({
      text: [
        '✅ rollback production: done',
        'all traffic is on svc-a',
        'by ada: tables come out empty',
        'traffic: svc-a 100 %',
        'https://github.com/o/r/actions/runs/1',
      ].join('\n'),
    });
  });

  test('is the announcement itself for any other address', () => {
    expect(webhookBody(new URL('https://example.com/hook'), ANNOUNCEMENT)).toEqual(ANNOUNCEMENT);
  });

  test('leaves out what is not known', () => {
    const { traffic: _traffic, reason: _reason, runUrl: _url, ...least } = ANNOUNCEMENT;
    expect(webhookBody(new URL('https://hooks.slack.com/x'), { ...least, outcome: 'failed' })).toEqual({
      text: '❌ rollback production: failed\nall traffic is on svc-a\nby ada',
    });
  });
});
