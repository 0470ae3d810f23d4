// Suites in Node's own context: what they load, the project and its packages, is loaded once for all the suites of a worker.
// jest's runtime loads all of it anew for each, in a context of its own: that was most of what the tests cost. The files
// in __tests__ are still loaded for each suite. A suite that replaces modules (`jest.mock`) has jest's own runtime.
const Module = require('node:module');
const { join, sep } = require('node:path');
const { default: JestRuntime } = require('jest-runtime');
const { replacesModules } = require('./replacesModules');

const TESTS = join(__dirname, '..') + sep;
const EVENT_HANDLERS = Symbol.for('EVENT_HANDLERS');

/** Compiled files of all suites, for stack traces. */
const sourceMaps = new Map();

class SharedRuntime extends JestRuntime {
  constructor(...args) {
    super(...args);
    this.isShared = !replacesModules(this._testPath);
  }

  requireInternalModule(from, to) {
    if (!this.isShared) return super.requireInternalModule(from, to);
    if (to) return Module.createRequire(from)(to);
    // The state of jest's own runner is of one suite.
    delete require.cache[from];
    delete globalThis[EVENT_HANDLERS];
    return require(from);
  }

  requireModule(file, ...rest) {
    if (!this.isShared) return super.requireModule(file, ...rest);
    globalThis.jest = this.jestGlobals.jestObjectFor(file);
    require.extensions['.ts'] = (module, filename) => module._compile(this.compiled(filename), filename);
    for (const path of Object.keys(require.cache))
      if (path.startsWith(TESTS) && !path.startsWith(__dirname)) delete require.cache[path];
    return require(file);
  }

  compiled(filename) {
    const { code, sourceMapPath } = this.transformCache.scriptTransformer.transform(
      filename,
      this._getFullTransformationOptions(),
    );
    if (sourceMapPath) sourceMaps.set(filename, sourceMapPath);
    return code;
  }

  getSourceMaps() {
    return this.isShared ? sourceMaps : super.getSourceMaps();
  }
}
module.exports = SharedRuntime;
