// `npm run test:fast`: the suites that start no process, no local cloud and no server, and make no large document.
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const base = require('./jest.config');

const SLOW =
  /child_process|createServer|startServer|open(Engine|Project|Stage|Rehearsal)\b|startRig|startLocalCloud|(run|start)Program|startContainer|bundled\(|pdfOf|PDFDocument|new ESLint|playwright|rehearse\(|validateWorkstation|runWorkflow|synthTo|new App\(|Testing\./;
const TESTS = join(__dirname, '__tests__');

const slow = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && SLOW.test(readFileSync(join(TESTS, file), 'utf8')))
  .map((file) => `/${file.replaceAll('.', '\\.')}$`);

module.exports = { ...base, testPathIgnorePatterns: ['/node_modules/', ...slow] };
