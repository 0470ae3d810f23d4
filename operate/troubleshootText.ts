import { stringify } from 'yaml';
import type { Diagnosis, Remedy } from '../domain/diagnosis/symptoms';
import { counted, utc } from '../domain/words';
import type { Troubles } from './troubleshoot';
import type { LogDiagnosis } from './troubleshootLog';

const CERTAINTY: Readonly<Record<Diagnosis['certainty'], string>> = {
  named: 'a message names it',
  inferred: 'inferred',
  setting: 'by its settings',
};

/** `troubleshoot` for a person: the cases with what shows them and what to do; then what was looked at, and what could not be. */
export function troublesText(troubles: Troubles): string {
  const { findings, lookedAt, unread, from, to } = troubles;
  const time = `between ${utc(from)} and ${utc(to)}`;
  const verdict =
    findings.length > 0
      ? `${findings.length} of the known cases ${time}, the one to look at first at the top:`
      : `Nothing of the known cases was seen ${time}${unread.length > 0 ? ', in what could be read' : ''}.`;
  return [
    [verdict],
    ...findings.map((finding, index) => findingLines(troubles, finding, index + 1)),
    [
      'This is what was looked at:',
      ...(lookedAt.length > 0 ? lookedAt : ['nothing']).map((line) => `  ${line}`),
    ],
    unread.length > 0
      ? [
          'What could not be read, and is no pass:',
          ...unread.flatMap(({ what, why, remedy }) => [`  ${what}: ${why}`, `    ${remedy}`]),
        ]
      : [],
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** The same of a log that somebody sent. */
export function logText(diagnosis: LogDiagnosis): string {
  const { cases, lines, log, deployment } = diagnosis;
  const where = `in ${counted(lines, 'line')} of ${log === '-' ? 'standard input' : log}`;
  if (cases.length === 0) return `Nothing of the known cases was seen ${where}.`;
  return [
    `${cases.length} of the known cases ${where}, the one to look at first at the top:`,
    ...cases.map(({ code, ...found }, index) =>
      findingLines({ deployment }, { id: code, ...found }, index + 1).join('\n'),
    ),
  ].join('\n\n');
}

function findingLines(
  { deployment }: Pick<Troubles, 'deployment'>,
  finding: Diagnosis,
  number: number,
): string[] {
  const { id, guide, what, because, certainty, revision, evidence, remedies } = finding;
  const title = [id, ...(guide ? [`the guide’s “${guide}”`] : []), ...(revision ? [revision] : [])].join(
    ', ',
  );
  return [
    `${number}. ${title}`,
    `   ${what}`,
    `   Why: ${because} (${CERTAINTY[certainty]})`,
    ...evidence.map(
      ({ at, where, text }) => `     ${[at && utc(at), where].filter(Boolean).join(' ')}: ${text}`,
    ),
    '   What to do, in this order:',
    ...remedies.flatMap((remedy, index) => remedyLines(deployment, remedy, String.fromCharCode(97 + index))),
  ];
}

function remedyLines(deployment: string, { does, command, change }: Remedy, letter: string): string[] {
  const yaml = change ? stringify(change).trimEnd().split('\n') : [];
  return [
    `     ${letter}) ${does}`,
    ...(yaml.length > 0
      ? [`        in deployments/${deployment}.yaml:`, ...yaml.map((line) => `          ${line}`)]
      : []),
    ...(command ? [`          ${command}`] : []),
  ];
}
