import { rehearse } from '../../rehearsal/rehearse';

describe('rehearse', () => {
  test('rejects a page that is none before anything starts', async () => {
    await expect(rehearse({ page: __filename })).rejects.toMatchObject({
      code: 'UNREADABLE_PAGE',
      exitCode: 2,
      where: __filename,
    });
  });
});
