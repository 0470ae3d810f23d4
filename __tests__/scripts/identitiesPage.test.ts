import { readFileSync } from 'node:fs';
import { identitiesPage, PAGE } from '../../scripts/identities-page';

describe('docs/identities.md', () => {
  const page = readFileSync(PAGE, 'utf8');

  test('has the identities as they are; else: node -r ./bin/register.js scripts/identities-page.ts', () => {
    expect(page).toBe(identitiesPage(page));
  });

  test('is noticed when a permission differs', () => {
    const stale = page.replace('`run.services.update`', '`run.services.delete`');
    expect(stale).not.toBe(page);
    expect(identitiesPage(stale)).not.toBe(stale);
  });
});
