// Node has WebAssembly; its types come with the DOM's only, which this project does not have.
declare namespace WebAssembly {
  type Module = object;
  type Imports = object;
  type Exports = object;
  interface Instance {
    readonly exports: Exports;
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(program: Module, imports: Imports): Promise<Instance>;
}
