import { parseLogFilter } from '../../../rehearsal/cloud/loggingFilter';

const ENTRY = {
  logName: 'projects/p/logs/run.googleapis.com%2Fstderr',
  resource: { type: 'cloud_run_revision', labels: { service_name: 's', revision_name: 's-a' } },
  labels: { instanceId: '00ab', 'run.googleapis.com/x': 'y' },
  timestamp: '2026-11-25T12:00:00.250001Z',
  severity: 'WARNING',
  textPayload: 'first line\nERROR second',
  httpRequest: { status: 503 },
};

describe('parseLogFilter', () => {
  it.each([
    '',
    'resource.type="cloud_run_revision" resource.labels.service_name=s',
    'resource.type = "CLOUD_RUN_REVISION" AND labels.instanceId="00ab"',
    'labels."run.googleapis.com/x"="y"',
    'logName=("projects/p/logs/x" OR "projects/p/logs/run.googleapis.com%2Fstderr")',
    'severity>=WARNING AND severity<ERROR',
    'timestamp>="2026-11-25T12:00:00.250Z" timestamp<"2026-11-25T12:00:00.250002Z"',
    'httpRequest.status>=500',
    'textPayload:"SECOND"',
    String.raw`textPayload=~"(?m)^ERROR \\w+$"`,
    'NOT textPayload:"third" AND textPayload!~"^ERROR"',
    'severity!=ERROR',
    // OR binds tighter than AND: (WARNING or ERROR) and the text.
    'severity=ERROR OR severity=WARNING AND textPayload:"first"',
    '(severity=ERROR AND textPayload:"x") OR (severity=WARNING AND textPayload:"first")',
  ])('finds the entry by %s', (filter) => {
    expect(parseLogFilter(filter)(ENTRY)).toBe(true);
  });

  it.each([
    'resource.labels.service_name=other',
    'severity=WARNING OR severity=ERROR AND textPayload:"third"',
    'severity>WARNING',
    'timestamp>"2026-11-25T12:00:00.250001Z"',
    'httpRequest.status<500',
    String.raw`textPayload=~"^ERROR"`,
    'jsonPayload.message:"first"',
    'NOT severity=WARNING',
  ])('does not find it by %s', (filter) => {
    expect(parseLogFilter(filter)(ENTRY)).toBe(false);
  });

  it('takes an entry without a severity for DEFAULT', () => {
    expect(parseLogFilter('severity=DEFAULT')({})).toBe(true);
    expect(parseLogFilter('severity>=INFO')({})).toBe(false);
  });

  it.each([
    '"just text"',
    'colour=red',
    'severity=',
    'severity=(INFO',
    '(severity=INFO',
    'severity INFO x',
    'severity=INFO )',
  ])('rejects %s', (filter) => expect(() => parseLogFilter(filter)).toThrow(/Unparseable filter/));

  it('rejects a severity that there is none of, once it is compared', () => {
    expect(() => parseLogFilter('severity>=LOUD')(ENTRY)).toThrow(/no severity/);
  });
});
