import {
  failureOfConnection,
  failureOfStatus,
  isColdStart,
  pageInterrupted,
  timedOut,
} from '../../ocr/serviceFailure';

const URL = 'https://ocr.invalid';
const answered = (status: number, url = URL) =>
  failureOfStatus({ status, headers: new Headers(), body: '' }, url);
/** As Node's fetch rejects. */
const unconnected = (code: string) =>
  failureOfConnection(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) }), URL);

describe('isColdStart', () => {
  test.each<[what: string, failure: Error, cold: boolean]>([
    ['no connection in time', unconnected('UND_ERR_CONNECT_TIMEOUT'), true],
    ['no connection in time, as the system says it', unconnected('ETIMEDOUT'), true],
    ['no answer in time', timedOut(120, URL), true],
    ['no headers within the time that fetch allows', unconnected('UND_ERR_HEADERS_TIMEOUT'), true],
    ...[429, 502, 503, 504].map((status) => [`a ${status}`, answered(status), true] as [string, Error, true]),
    ['a refused connection', unconnected('ECONNREFUSED'), false],
    ['a reset connection', unconnected('ECONNRESET'), false],
    ['an unknown host', unconnected('ENOTFOUND'), false],
    ['a 500', answered(500), false],
    ['a page that was stopped under it', pageInterrupted('abort', URL), false],
    ['a page that ended for no known reason', pageInterrupted('other', URL), false],
    ['a 403', answered(403), false],
    ['an error that is none of the service', new Error('503'), false],
  ])('of %s', (_what, failure, cold) => {
    expect(isColdStart(failure)).toBe(cold);
  });
});

describe('failureOfStatus', () => {
  test.each([401, 403])(
    "names the service's own URL for the audience when a tagged one answers %d",
    (status) => {
      const { where, remedy } = answered(status, 'https://c-1a2b3c---svc.a.run.app/v1/models');
      expect(where).toBe('https://c-1a2b3c---svc.a.run.app/v1/models');
      expect(remedy).toContain('https://svc.a.run.app,');
      expect(remedy).not.toContain('c-1a2b3c');
    },
  );
});
