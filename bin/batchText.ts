import { usd } from '../domain/cost/cost';
import { counted, duration } from '../domain/words';
import type { Interval } from '../domain/batch/interval';
import type { BatchEstimate } from '../operate/batch/estimate';
import { table } from './table';

const whole = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
/** `1,234 (1,100 to 1,400)`; without the interval where it has no width. */
const between = ({ value, low, high }: Interval, show: (value: number) => string): string =>
  low === high || show(low) === show(high) ? show(value) : `${show(value)} (${show(low)} to ${show(high)})`;
const size = (bytes: number): string =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
const time = (hours: number): string => (Number.isFinite(hours) ? duration(hours * 3600) : 'never');

/** An estimate for a person: what is there, what the GPU has to read, how long and for how much, and what all of it leans on. */
export function batchEstimateText(estimate: BatchEstimate): string {
  const { documents, bytes, kinds, pages, textPages, gpuPages, unreadable, passedOver, rows } = estimate;
  const { room, speed } = estimate;
  const passed = [
    ...(passedOver.empty > 0 ? [`${counted(passedOver.empty, 'empty file')}`] : []),
    ...(passedOver.archives > 0 ? [`${counted(passedOver.archives, 'archive')}: unpack them first`] : []),
    ...(passedOver.tooLarge > 0 ? [`${counted(passedOver.tooLarge, 'file')} over 256 MiB`] : []),
  ];
  const notes = rows.flatMap(({ what, note }) => (note === undefined ? [] : [`  ${what}: ${note}`]));
  return [
    `${whole(documents)} ${documents === 1 ? 'document' : 'documents'}, ${size(bytes)}, from ${estimate.input} to ${estimate.out}`,
    ...table(
      'What is there',
      ['kind', 'size', 'documents', 'bytes', 'read for this'],
      kinds.map((each) => [each.kind, each.size, whole(each.documents), size(each.bytes), String(each.read)]),
    ),
    ...(passed.length > 0 ? ['', `passed over: ${passed.join('; ')}`] : []),
    '',
    `pages:            ${between(pages, whole)}`,
    `  by text layer:  ${between(textPages, whole)}`,
    `  for the GPU:    ${between(gpuPages, whole)}`,
    `cannot be opened: ${between(unreadable, whole)} documents`,
    ...table(
      'How long and for how much',
      ['', 'instances', 'time', 'USD'],
      rows.map((row) => [
        row.what,
        String(row.instances),
        between(row.hours, time),
        row.usd === undefined ? 'not known' : between(row.usd, usd),
      ]),
    ),
    ...notes,
    '',
    `quota: ${room.gpus} GPU, ${room.vcpu} vCPU, ${room.memoryGib} GiB (${room.source})`,
    `speed: ${speed.source}`,
    'in brackets: 95 % intervals of the sample, at that speed; what they are not is in docs/batch.md',
    'not in it: the tasks that send the pages, storage, traffic out of the region, pages of other callers',
  ].join('\n');
}
