// Node has WebAssembly; its types come with the DOM's only, which this project does not have.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  type Imports = object;
  type Exports = object;
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Exports;
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(program: Module, imports: Imports): Promise<Instance>;
}
