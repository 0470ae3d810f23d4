const { readFileSync } = require('node:fs');

/** Whether a suite puts something else in the place of modules or of Node's own functions: then it needs its own. */
exports.replacesModules = (file) =>
  /\bjest\.(mock\(|requireActual|spyOn\(global)/.test(readFileSync(file, 'utf8'));
