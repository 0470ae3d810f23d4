#!/bin/sh
# @hyzyla/pdfium 2.1.13 (npm, pdfium in WebAssembly) draws a part of a valid JBIG2 image black, and says nothing: text regions
# that are composed with OR, XOR and REPLACE. pypdfium2 5.15.2 (PyPI, a newer pdfium) draws the same page right.
# The page is bitmap-composite-or-xor-replace-text.pdf of the tests of pdf.js (made by SerenityOS's JBIG2 writer): a smiley of
# 399 x 400 pixels, 7 % of them black.
# Expected: the same share of black pixels in both. Seen with Node 20.20.2 and Python 3.11: 65 % and 7 %.
# Ends with 0 as long as that is so, with 1 when it has changed. Needs node, npm, python3 with venv, base64.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
base64 -d > page.pdf <<'PDF'
JVBERi0xLjQKJbW2CgoxIDAgb2JqCjw8CiAgL1R5cGUgL0NhdGFsb2cKICAvUGFnZXMgMiAwIFIKPj4KZW5kb2JqCgoyIDAgb2Jq
Cjw8CiAgL1R5cGUgL1BhZ2VzCiAgL0tpZHMgWzMgMCBSXQogIC9Db3VudCAxCj4+CmVuZG9iagoKMyAwIG9iago8PAogIC9UeXBl
IC9QYWdlCiAgL1BhcmVudCAyIDAgUgogIC9NZWRpYUJveCBbMCAwIDM5OSA0MDBdCiAgL0NvbnRlbnRzIDQgMCBSCiAgL1Jlc291
cmNlcyA8PAogICAgL1hPYmplY3QgPDwKICAgICAgL0ltIDUgMCBSCiAgICA+PgogID4+Cj4+CmVuZG9iagoKNCAwIG9iago8PC9M
ZW5ndGggMjU+PgpzdHJlYW0KMzk5IDAgMCA0MDAgMCAwIGNtCi9JbSBEbwplbmRzdHJlYW0KZW5kb2JqCgo1IDAgb2JqCjw8CiAg
L0xlbmd0aCA4NDAKICAvVHlwZSAvWE9iamVjdAogIC9TdWJ0eXBlIC9JbWFnZQogIC9XaWR0aCAzOTkKICAvSGVpZ2h0IDQwMAog
IC9Db2xvclNwYWNlIC9EZXZpY2VHcmF5CiAgL0ZpbHRlciAvSkJJRzJEZWNvZGUKICAvQml0c1BlckNvbXBvbmVudCAxCj4+CnN0
cmVhbQoAAAAAMAABAAAAEwAAAY8AAAGQAAAAAAAAAABAAAAAAAABAAEBAAAA+AAAA//9/wL+/v4AAAAEAAAABCXU7bmG4BwifY4Z
2qbGUccQGIFhNop/OGv61I9rGtjzc+/UcY5SUEKfpSXJbFBvasKjSOthSjYD3Cy6i6GaUIjVzGU5nSaj6oGyHXQXfhUgtT82onLg
4b+4WUED18MHo7Q4n148Th53ivgS7tzjR8Z9Y/npk+6UN3Zm3XoSkTCLHc6vg1hD6xVKe6LeY1KSRWe7a7iGLXR8NpVMQtg4MUwN
5KkC18H+v7+48/1Tln0JgBLmtltDy2jS3L49VNi0T9z3V5gM8oH0x+l9ZYnS2mwJ9J4i1Ck5snvLe0zf8sww3Y7r3/+sAAAAAgci
AQEAAAAdAAAAIwAAACMAAAA3AAAAcAAAFAAAAAF27LR//6wAAAADByIBAQAAAB0AAAAjAAAAIwAAADcAAABwAAAUAAAAAXbstH//
rAAAAAQHIgEBAAAAGgAAACMAAAAjAAAANwAAAHAAAAQAAAAAf/+sAAAABQciAQEAAAAcAAAAIwAAACMAAABAAAABDQIAFAAAAAF2
727/rAAAAAYHIgEBAAAAHAAAABcAAAAXAAAAPAAAAL4CABQAAAABk/Ef/6wAAAAHByIBAQAAABwAAAAXAAAAFwAAADwAAAC+AgAU
AAAAAZPxH/+sAAAACCcAAQAAAP4AAAECAAABkAAAAI0AAAAAAAAD//3/Av7+/v94x0LLnoz/f/zdHnruOEKOrwcUUdfX3BTQhsDA
AY227MbqQ4TeEhJUKAXXVEht2w+9yDwDvnMc7/94Sw6QMNgZqDXDW4t9auI/UnH73J8+bPebIUB6pPkFTiA4eevxjzeUpcOqqUzO
WI8XMAryPF0NgadJ6jm0CX3OOo9AErx2uh4G/j7bzMyE29EoJl9wlHIlaZiVbdZ+XdLkx3v4zqnnPhQb+735DIn+YWP6ZwxCr/kT
Cpwxt+6Ttd5pA3bXql/2x0HJxnJOww7eih7qG+g6JcigEaxL3WtLNyiV4DL7VZ//rAAAAAkHIAEBAAAAIgAAAQIAAAGQAAAAjQAA
AAAEABQAAAACiK115M9iKgc//6wKZW5kc3RyZWFtCmVuZG9iagoKeHJlZgowIDYKMDAwMDAwMDAwMCA2NTUzNiBmIAowMDAwMDAw
MDE0IDAwMDAwIG4gCjAwMDAwMDAwNjggMDAwMDAgbiAKMDAwMDAwMDEzMiAwMDAwMCBuIAowMDAwMDAwMjg4IDAwMDAwIG4gCjAw
MDAwMDAzNjIgMDAwMDAgbiAKCnRyYWlsZXIKPDwKICAvU2l6ZSA2CiAgL1Jvb3QgMSAwIFIKPj4Kc3RhcnR4cmVmCjEzODkKJSVF
T0YK
PDF
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent @hyzyla/pdfium@2.1.13
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pypdfium2==5.15.2 pillow==13.0.0
cat > draw.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { PDFiumLibrary } = require('@hyzyla/pdfium');
(async () => {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(readFileSync('page.pdf'));
  const { data } = await document.getPage(0).render({ scale: 1, render: 'bitmap' });
  let black = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] < 128) black++;
  console.log(Math.round((100 * black) / (data.length / 4)));
  process.exit(); // the library keeps the process
})();
JS
cat > draw.py <<'PY'
import pypdfium2
levels = pypdfium2.PdfDocument('page.pdf')[0].render(scale=1).to_pil().convert('L').histogram()
print(round(100 * sum(levels[:128]) / sum(levels)))
PY
ours=$(node draw.cjs)
theirs=$(venv/bin/python draw.py)
echo "@hyzyla/pdfium 2.1.13: $ours % black"
echo "pypdfium2 5.15.2:      $theirs % black"
[ "$ours" -gt 50 ] && [ "$theirs" -lt 15 ] || { echo 'this has changed'; exit 1; }
