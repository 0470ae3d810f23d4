import { isAtLeast, providersOfState, readEngine, sourcesOfOther } from '../../../domain/terraform/engine';
import { lowestVersion, reaches } from '../../../domain/terraform/googleProvider';

describe('readEngine', () => {
  test.each([
    ['Terraform v1.11.4\non linux_amd64', { engine: 'terraform', version: '1.11.4' }],
    ['OpenTofu v1.12.6\non linux_amd64', { engine: 'tofu', version: '1.12.6' }],
    ['Terraform v1.16.0-rc2', { engine: 'terraform', version: '1.16.0' }],
    ['terragrunt version v0.93.0', undefined],
    ['', undefined],
  ])('reads %j', (said, found) => {
    expect(readEngine(said)).toEqual(found);
  });
});

describe('isAtLeast', () => {
  test.each([
    ['1.11.0', '1.11.0', true],
    ['1.9.9', '1.10.0', false],
    ['1.12.6', '1.10.0', true],
    ['2.0.0', '1.11', true],
    ['1.10.0', '1.11', false],
  ])('%s, at least %s: %s', (version, least, holds) => {
    expect(isAtLeast(version, least)).toBe(holds);
  });
});

describe('providersOfState', () => {
  test('names each source once, and none for a state without resources', () => {
    const provider = 'provider["registry.opentofu.org/hashicorp/google"]';
    const builtin = 'provider["terraform.io/builtin/terraform"]';
    const state = { resources: [{ provider }, { provider }, { provider: builtin }, {}] };
    expect(providersOfState(state)).toEqual([
      'registry.opentofu.org/hashicorp/google',
      'terraform.io/builtin/terraform',
    ]);
    expect(providersOfState({})).toEqual([]);
  });
});

describe('sourcesOfOther', () => {
  const sources = [
    'registry.opentofu.org/hashicorp/google',
    'terraform.io/builtin/terraform',
    'example.com/a/b',
  ];
  test('finds what only the other engine writes', () => {
    expect(sourcesOfOther(sources, 'terraform')).toEqual(['registry.opentofu.org/hashicorp/google']);
    expect(sourcesOfOther(sources, 'tofu')).toEqual([]);
  });
});

describe('lowestVersion', () => {
  test.each([
    ['6.50.0', '6.50.0'],
    ['~> 8.0', '8.0.0'],
    ['~>7.45.1', '7.45.1'],
    ['8', undefined],
    ['8.0', undefined],
    ['>= 7.0', undefined],
    ['~> 8.0, != 8.1.0', undefined],
  ])('of %j is %s', (constraint, lowest) => {
    expect(lowestVersion(constraint)).toBe(lowest);
  });
});

describe('reaches', () => {
  test.each([
    ['~> 7.19', '7.19.0', true],
    ['~> 7.7', '7.19.0', false],
    ['~> 8.0', '7.19.0', true],
    ['6.50.0', '7.0.0', false],
  ])('%s, at least %s: %s', (constraint, least, holds) => {
    expect(reaches(constraint, least)).toBe(holds);
  });
});
