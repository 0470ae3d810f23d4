import { audienceOf } from '../../ocr/audience';

describe('audienceOf', () => {
  test.each([
    ['https://lightonocr-gpu-abc-uc.a.run.app', 'https://lightonocr-gpu-abc-uc.a.run.app'],
    ['https://c-1a2b3c---lightonocr-gpu-abc-uc.a.run.app', 'https://lightonocr-gpu-abc-uc.a.run.app'],
    [
      'https://c-1a2b3c---lightonocr-gpu-12.us-central1.run.app/v1/models',
      'https://lightonocr-gpu-12.us-central1.run.app',
    ],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
  ])('of %s is %s', (url, audience) => {
    expect(audienceOf(url)).toBe(audience);
  });
});
