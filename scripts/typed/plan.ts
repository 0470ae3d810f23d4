import { wordsOf } from './shown';

/** The deployment on the sandbox; whatever deployment a page names, it is typed for this one. */
export const DEPLOYMENT = 'rehearsal';

/** What a page leaves to its reader, filled in from what the sandbox shows. */
export interface Known {
  readonly plan: string;
  readonly fingerprint: string;
  /** One that has served and does not now. */
  readonly revision: string;
  /** Absent where the newest one serves. */
  readonly newest: string | undefined;
  readonly digest: string;
}

/** Where the files that pages name are; git ignores it. */
export const FILES_FOLDER = '.lightonocr/pages';
export const FILES = ['scan.pdf', 'contract.pdf', 'scan.tif', 'sent.log'] as const;

/** Why a command does not end with 0 in the sandbox, and what it ends with instead. */
export const ANNOUNCED: readonly { readonly command: RegExp; readonly code: number; readonly why: string }[] =
  [
    {
      command: / doctor (?!.*--only traffic)/,
      code: 3,
      why: 'what only the real Terraform makes is not there',
    },
    { command: / ocr .*localhost/, code: 1, why: 'no server listens there' },
    { command: / compare /, code: 2, why: 'the folder of pages that the page names is not there' },
    { command: / gate /, code: 2, why: 'it asks GitHub, in a workflow' },
    { command: /lightonocr batch /, code: 2, why: 'the bucket that the page names is not there' },
    { command: / ocr .*--grounding/, code: 2, why: "the sandbox's model gives no layout blocks" },
  ];

/** What somebody types while a command runs: Enter at each of its questions, Ctrl-C where it goes on until then. */
export const keysFor = (command: string): string[] =>
  / init /.test(command) ? Array<string>(6).fill('\r') : /logs .*--follow/.test(command) ? ['\x03'] : [];

/** Commands that need the newest revision to serve: after a rollback there is nothing to go back from, and it is held. */
export const needsNewest = (command: string) =>
  / (apply|release|rollback) /.test(command) && !command.includes(' --to ');

/** A page's command line as it is typed at the sandbox. */
export function filledIn(command: string, known: Known): string {
  const [, verb = '', name = ''] = wordsOf(command);
  if (verb === 'init') return 'bin/lightonocr init trial --project your-project';
  return command
    .replace(` ${verb} ${name}`, ` ${verb} ${DEPLOYMENT}`)
    .replace(/\bPLAN\b/, known.plan)
    .replace(/\bFINGERPRINT\b/, known.fingerprint)
    .replace(/\b(REVISION|THE_ONE_YOU_LEFT)\b/, known.revision)
    .replace('sha256:DIGEST', known.digest)
    .replace(/\bTEXT\b/, '"as the page says"')
    .replace(/\bSHA\b/, 'HEAD')
    .replace(new RegExp(FILES.join('|'), 'g'), (file) => `${FILES_FOLDER}/${file}`);
}
