import { runLinters } from './linters';

/** The linters of .github/. */
runLinters('workflows', [
  {
    command: 'actionlint',
    args: [],
    install: 'go install github.com/rhysd/actionlint/cmd/actionlint@latest',
  },
  {
    command: 'zizmor',
    // Offline: the findings of two runs of one commit agree. Pedantic: each exception is written where it is made.
    args: ['--offline', '--persona=pedantic', '--no-progress', '--quiet', '.github'],
    install: 'pip install zizmor',
  },
]);
