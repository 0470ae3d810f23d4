import { IMAGE, type Json, type Rig, startRig } from './harness';

const PATH = '/v1/projects/p/occurrences';
const NOTE = 'projects/goog-vulnz/notes/x';

describe('analysisRoutes', () => {
  let rig: Rig;
  let uri: string;
  beforeEach(async () => {
    rig = await startRig();
    uri = `https://${IMAGE}@${rig.digest}`;
  });
  afterEach(() => rig.cloud.stop());

  const create = (details: Json, more: Json = {}) =>
    rig.call('POST', PATH, { resourceUri: uri, noteName: NOTE, ...details, ...more });
  const get = async (suffix: string, filter: string) =>
    (await rig.call('GET', `${PATH}${suffix}?filter=${encodeURIComponent(filter)}`)).json;

  it('has nothing of an image that nobody scanned', async () => {
    expect(await get('', `resourceUrl="${uri}"`)).toEqual({ occurrences: [] });
    expect(await get(':vulnerabilitySummary', `resourceUrl="${uri}"`)).toEqual({ counts: [] });
  });

  it('finds by kind and image, and sums up by severity and in all', async () => {
    await create({ discovery: { analysisStatus: 'FINISHED_SUCCESS' } });
    await create({ vulnerability: { effectiveSeverity: 'HIGH', fixAvailable: true } });
    await create({ vulnerability: { effectiveSeverity: 'HIGH' } });
    await create({ vulnerability: { severity: 'LOW' } }, { resourceUri: 'https://elsewhere' });
    const { occurrences } = await get('', `kind="DISCOVERY" AND resourceUrl="${uri}"`);
    expect(occurrences).toMatchObject([
      {
        kind: 'DISCOVERY',
        resourceUri: uri,
        noteName: NOTE,
        discovery: { analysisStatus: 'FINISHED_SUCCESS' },
      },
    ]);
    expect((await get(':vulnerabilitySummary', `resourceUrl="${uri}"`)).counts).toEqual([
      { resourceUri: uri, severity: 'HIGH', fixableCount: '1', totalCount: '2' },
      { resourceUri: uri, severity: 'SEVERITY_UNSPECIFIED', fixableCount: '1', totalCount: '2' },
    ]);
    expect((await get('', 'resourceUrl="https://elsewhere"')).occurrences).toHaveLength(1);
  });

  it.each<[string, Json, Json]>([
    ['resource_uri', { vulnerability: {} }, { resourceUri: 'elsewhere' }],
    ['note_name', { vulnerability: {} }, { noteName: 'x' }],
    ['details', {}, {}],
  ])('rejects an occurrence with a wrong %s', async (field, details, more) => {
    const { status, json } = await create(details, more);
    expect([status, json.error.message]).toEqual([400, expect.stringContaining(field)]);
  });

  it('rejects a filter that it cannot read', async () => {
    expect((await get('', 'severity="HIGH"')).error.message).toContain('severity="HIGH"');
  });
});
