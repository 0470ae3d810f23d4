#!/bin/sh
# libheif-js 1.23.2 (npm): its documented entry `libheif-js/wasm` loads only when the process was started in the package's own
# folder. wasm.js reads './libheif-wasm/libheif.wasm', a path that Node resolves against the current directory, not the module.
# Expected: require('libheif-js/wasm.js') loads from anywhere, as require('libheif-js/wasm-bundle.js') does.
# Seen with Node 20.20.2: ENOENT, open './libheif-wasm/libheif.wasm'.
# Ends with 0 as long as that is so, with 1 when it has changed. Needs node and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent libheif-js@1.23.2
node -p '"libheif-js " + require("libheif-js/package.json").version + ", Node " + process.version'

load() {
  node -e 'try { const { HeifDecoder } = require(process.argv[1]); console.log(typeof HeifDecoder); } catch (error) { console.log(error.code, error.path); }' "$folder/node_modules/libheif-js/$1"
}
elsewhere=$(load wasm.js)
inside=$(cd node_modules/libheif-js && load wasm.js)
bundle=$(load wasm-bundle.js)
echo "wasm.js, started elsewhere:            $elsewhere"
echo "wasm.js, started in its own folder:    $inside"
echo "wasm-bundle.js, started elsewhere:     $bundle"
[ "$elsewhere" = 'ENOENT ./libheif-wasm/libheif.wasm' ] && [ "$inside" = function ] && [ "$bundle" = function ] || { echo 'this has changed'; exit 1; }
