import type { TerraformPlan } from '../../../domain/plan/plan';
import { serviceMatters } from '../../../domain/plan/reviewMatters';
import { containerOf, PLANNED, recordedPlan, templateOf, withService } from '../../fixtures/recordedPlan';

const matter = (topic: string, plan: TerraformPlan) =>
  serviceMatters(PLANNED, plan).filter((found) => found.topic === topic);
const OURS = 'lightonocr-gpu@my-project.iam.gserviceaccount.com';
const VPC = {
  connector: null,
  egress: 'ALL_TRAFFIC',
  network_interfaces: [{ network: 'theirs', subnetwork: null }],
};

describe('serviceMatters', () => {
  test('account, command, containers and network, as they will be and were', () => {
    const plan = withService('update', ({ after }) => {
      templateOf(after).service_account = 'admin@my-project.iam.gserviceaccount.com';
      templateOf(after).vpc_access = [VPC];
      containerOf(after).command = ['/bin/sh', '-c', 'curl evil'];
      templateOf(after).containers.push({ image: 'docker.io/evil/x' });
    });
    expect(matter('account', plan)).toEqual([
      { topic: 'account', now: 'admin@my-project.iam.gserviceaccount.com', was: OURS },
    ]);
    expect(matter('command', plan)).toEqual([
      { topic: 'command', now: '/bin/sh -c curl evil', was: 'that of the image' },
    ]);
    expect(matter('network', plan)).toEqual([
      { topic: 'network', now: 'theirs, ALL_TRAFFIC', was: 'none of its own' },
    ]);
    expect(matter('containers', plan)[0]).toMatchObject({
      now: expect.stringMatching(/^2: us-central1.*, docker\.io\/evil\/x$/) as string,
      was: '1',
    });
  });

  test('command, containers and network are left out where they are as ours', () => {
    const topics = serviceMatters(PLANNED, recordedPlan('update')).map(({ topic }) => topic);
    expect(topics.filter((topic) => ['command', 'containers', 'network', 'flag'].includes(topic))).toEqual(
      [],
    );
    expect(matter('account', recordedPlan('update'))).toEqual([
      { topic: 'account', now: OURS, unchanged: true },
    ]);
  });

  test('a command that goes is said to go', () => {
    const plan = withService('update', ({ before }) => (containerOf(before).command = ['sh']));
    expect(matter('command', plan)).toEqual([{ topic: 'command', now: 'that of the image', was: 'sh' }]);
  });

  test('a flag that goes is one line, by its name', () => {
    const plan = withService('update', ({ after }) => {
      containerOf(after).args = containerOf(after).args.filter((word: string) => !/media/.test(word));
    });
    expect(matter('flag', plan)).toEqual([
      { topic: 'flag', now: '--allowed-media-domains not set', was: 'media.invalid' },
    ]);
  });

  test('a first create has no line a flag: they are in the details', () => {
    expect(matter('flag', recordedPlan('create'))).toEqual([]);
  });

  test.each([
    ['update', { now: 'not touched', unchanged: true }],
    ['create', { now: 'all of it goes to the new service' }],
    ['replace', { now: 'all of it goes to the new service' }],
  ])('traffic of the recorded plan "%s": %j', (name, said) => {
    expect(matter('traffic', recordedPlan(name))).toEqual([{ topic: 'traffic', ...said }]);
  });

  test('a region without a price is said to be one, before, after and in a create; its quota is said all the same', () => {
    const elsewhere = withService('replace', ({ after }) => (after.location = 'us-east4'));
    const [cost] = matter('cost', elsewhere);
    expect(cost).toMatchObject({ now: 'no price known for us-east4' });
    expect(cost!.was).toMatch(/USD\/h/);
    const created = withService('create', ({ after }) => (after.location = 'us-east4'));
    expect(matter('cost', created)).toEqual([{ topic: 'cost', now: 'no price known for us-east4' }]);
    expect(matter('quota', created)).toHaveLength(1);
    const unknown = withService('create', ({ after }) => (templateOf(after).scaling = []));
    expect(matter('cost', unknown)).toEqual([]);
  });
});
