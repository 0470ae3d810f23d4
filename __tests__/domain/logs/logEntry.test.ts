import {
  GRAVE_LINE,
  isAtLeast,
  nanosecondTime,
  readLogEntry,
  secondsBetween,
  withoutSecrets,
} from '../../../domain/logs/logEntry';

describe('readLogEntry', () => {
  // As found in https://github.com/1Password/scim-examples/issues/309, names changed.
  const PROBE = {
    textPayload:
      'Default STARTUP TCP probe failed 1 time consecutively for container "ocr-1" on port 8000. The instance was not started.',
    insertId: '66546baa000ef654df0930ba',
    resource: {
      type: 'cloud_run_revision',
      labels: {
        configuration_name: 'ocr',
        location: 'us-central1',
        project_id: 'p',
        revision_name: 'ocr-1a2b3c4-d5e6f7',
        service_name: 'ocr',
      },
    },
    timestamp: '2026-05-27T11:16:58.980564Z',
    severity: 'ERROR',
    labels: { instanceId: '00f46b92854f', container_name: 'ocr-1' },
    logName: 'projects/p/logs/run.googleapis.com%2Fvarlog%2Fsystem',
    receiveTimestamp: '2026-05-27T11:16:58.986717572Z',
  };

  test('reads a recorded entry of Cloud Run', () => {
    expect(readLogEntry(PROBE)).toEqual({
      at: '2026-05-27T11:16:58.980564000Z',
      id: '2026-05-27T11:16:58.980564000Z 66546baa000ef654df0930ba projects/p/logs/run.googleapis.com%2Fvarlog%2Fsystem',
      severity: 'ERROR',
      log: 'system',
      revision: 'ocr-1a2b3c4-d5e6f7',
      instance: '00f46b92854f',
      text: PROBE.textPayload,
    });
  });

  test.each([
    ['run.googleapis.com%2Fstdout', 'stdout'],
    ['run.googleapis.com%2Fstderr', 'stderr'],
    ['run.googleapis.com%2Frequests', 'requests'],
    ['cloudaudit.googleapis.com%2Fsystem_event', 'other'],
  ])('the log %s is %s', (log, name) => {
    expect(readLogEntry({ ...PROBE, logName: `projects/p/logs/${log}` }).log).toBe(name);
  });

  test('a request is a line without the query and without the caller’s address', () => {
    const httpRequest = {
      requestMethod: 'POST',
      requestUrl: 'https://ocr-x.a.run.app/v1/chat/completions?token=abc',
      status: 429,
      latency: '10.0123456s',
      remoteIp: '203.0.113.9',
    };
    const text = 'The request was aborted because there was no available instance.';
    const { textPayload: _, ...rest } = PROBE;
    expect(readLogEntry({ ...rest, httpRequest }).text).toBe('POST /v1/chat/completions 429 in 10.012 s');
    expect(readLogEntry({ ...rest, textPayload: text, httpRequest }).text).toBe(
      `POST /v1/chat/completions 429 in 10.012 s: ${text}`,
    );
  });

  test.each([
    [{ jsonPayload: { message: 'hello', other: 1 } }, 'hello'],
    [{ jsonPayload: { other: 1 } }, '{"other":1}'],
    [
      { protoPayload: { methodName: '/ReplaceService', status: { message: 'Ready is False' } } },
      'Ready is False',
    ],
    [{ protoPayload: { methodName: '/ReplaceService' } }, '/ReplaceService'],
    [{}, ''],
  ])('reads the text of %j', (payload, text) => {
    expect(readLogEntry({ timestamp: PROBE.timestamp, ...payload }).text).toBe(text);
  });

  test.each([
    ['(EngineCore pid=28) ERROR 06-02 00:51:39 [core.py:1136] EngineCore failed to start.', 'ERROR'],
    ['(APIServer pid=1) WARNING 11-24 11:43:54 [api.py:1] slow', 'WARNING'],
    ['INFO 06-19 23:05:01 [loader.py:447] Loading weights took 0.69 seconds', 'INFO'],
    ['INFO:     Application startup complete.', 'INFO'],
    ['CRITICAL: stop', 'CRITICAL'],
    ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.', 'ERROR'],
    ['Traceback (most recent call last):\n  File "x"\nRuntimeError: CUDA error', 'ERROR'],
    ['an Error: in the middle', 'DEFAULT'],
    ['ERRORS are what this page is about', 'DEFAULT'],
  ])('%s is %s', (textPayload, severity) => {
    const entry = readLogEntry({ timestamp: PROBE.timestamp, textPayload });
    expect(entry.severity).toBe(severity);
    // What is asked of the API must hold all that is judged grave here.
    const asked = new RegExp(GRAVE_LINE.replace('(?m)', ''), 'm').test(textPayload);
    if (isAtLeast(entry.severity, 'WARNING')) expect(asked).toBe(true);
  });

  test('Cloud Logging’s own severity wins over what the line says', () => {
    const textPayload = 'INFO 06-19 23:05:01 [x.py:1] fine';
    expect(readLogEntry({ timestamp: PROBE.timestamp, textPayload, severity: 'ALERT' }).severity).toBe(
      'ALERT',
    );
  });
});

test.each([
  ['2026-11-25T03:04:05Z', '2026-11-25T03:04:05.000000000Z'],
  ['2026-11-25T03:04:05.25Z', '2026-11-25T03:04:05.250000000Z'],
  ['2026-11-25T03:04:05.123456789Z', '2026-11-25T03:04:05.123456789Z'],
  ['2026-11-25T04:04:05.25+01:00', '2026-11-25T03:04:05.250000000Z'],
])('nanosecondTime of %s is %s', (time, expected) => expect(nanosecondTime(time)).toBe(expected));

test('secondsBetween counts fractions', () => {
  expect(secondsBetween('2026-11-25T03:04:05.250000000Z', '2026-11-25T03:05:05.500000000Z')).toBe(60.25);
});

test.each([
  ['Authorization: Bearer ya29.a0AbCdEfGh', 'Authorization: Bearer …'],
  ['token eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl expired', 'token … expired'],
  ['HF_TOKEN=hf_abcdefghijklmnop', 'HF_TOKEN=hf_…'],
  ['cannot load data:image/png;base64,iVBORw0KGgo= here', 'cannot load data:image/png;base64,… here'],
  ['the bearer of bad news', 'the bearer of bad news'],
])('withoutSecrets hides by form: %s', (text, shown) => expect(withoutSecrets(text)).toBe(shown));
