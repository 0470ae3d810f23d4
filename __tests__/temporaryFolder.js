const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Everything that tests leave behind goes into one folder, which is removed at the end. */
module.exports = () => {
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'lightonocr-tests-'));
};
