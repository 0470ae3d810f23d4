import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../domain/failure';
import { needProvider, terraformVersion } from '../../rehearsal/terraformVersion';

const directory = mkdtempSync(join(tmpdir(), 'lightonocr-version-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('terraformVersion', () => {
  it('is the first line of what the program says', async () => {
    const program = join(directory, 'terraform');
    writeFileSync(program, '#!/bin/sh\necho "Terraform v1.11.4"; echo "on linux"\n', { mode: 0o755 });
    expect(await terraformVersion(program)).toBe('Terraform v1.11.4');
  });

  it('rejects with exit code 3 where there is none, and names it', async () => {
    const where = join(directory, 'nowhere');
    await expect(terraformVersion(where)).rejects.toMatchObject({ code: 'NO_TERRAFORM', exitCode: 3, where });
  });
});

describe('needProvider', () => {
  const refused = new Failure({
    ...{ code: 'TERRAFORM_FAILED', message: 'could not connect to registry.terraform.io', where: 'x' },
    ...{ remedy: 'y', exitCode: 1 },
  });

  it("rejects with exit code 3 and Terraform's own words where the provider cannot be had", async () => {
    await expect(needProvider(() => Promise.reject(refused))).rejects.toMatchObject({
      code: 'NO_PROVIDER',
      exitCode: 3,
      got: refused.message,
    });
  });

  it('leaves a defect a defect, and says nothing where the provider is there', async () => {
    await expect(needProvider(() => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
    await expect(needProvider(async () => 'ready')).resolves.toBeUndefined();
  });
});
