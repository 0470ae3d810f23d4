import { cachedIdentityToken } from '../../ocr/identityToken';

const AUDIENCE = 'https://ocr.invalid';
const HOUR = 3600;
const jwt = (payload: object) =>
  `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.signature`;

/** A supplier with a clock of its own; each mint gives the next of the tokens, the last one for ever. */
function supplier(...tokens: readonly (string | Error)[]) {
  let seconds = 0;
  let at = 0;
  const mint = jest.fn(async (_audience: string) => {
    const token = tokens[Math.min(at++, tokens.length - 1)] as string | Error;
    if (token instanceof Error) throw token;
    return token;
  });
  const token = cachedIdentityToken(mint, AUDIENCE, () => new Date(seconds * 1000));
  return { mint, at: (time: number) => ((seconds = time), token()) };
}

describe('cachedIdentityToken', () => {
  test('mints for the audience and gives the same token until 5 minutes before its end', async () => {
    const [first, second] = [jwt({ exp: HOUR }), jwt({ exp: 2 * HOUR })];
    const { mint, at } = supplier(first, second);
    expect(await at(0)).toBe(first);
    expect(await at(HOUR - 301)).toBe(first);
    expect(await at(HOUR - 300)).toBe(second);
    expect(mint.mock.calls).toEqual([[AUDIENCE], [AUDIENCE]]);
  });

  test.each(['opaque', jwt({}), 'a.%%%.c'])(
    'keeps %j, which tells no end, for 50 minutes',
    async (opaque) => {
      const { mint, at } = supplier(opaque);
      await at(0);
      await at(50 * 60 - 1);
      expect(mint).toHaveBeenCalledTimes(1);
      await at(50 * 60);
      expect(mint).toHaveBeenCalledTimes(2);
    },
  );

  test('shares one mint between callers that come together', async () => {
    const { mint, at } = supplier(jwt({ exp: HOUR }));
    await Promise.all([at(0), at(0), at(0)]);
    expect(mint).toHaveBeenCalledTimes(1);
  });

  test('does not keep a failed mint', async () => {
    const { at } = supplier(new Error('no permission'), jwt({ exp: HOUR }));
    await expect(at(0)).rejects.toThrow('no permission');
    expect(await at(0)).toBe(jwt({ exp: HOUR }));
  });
});
