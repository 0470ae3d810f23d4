"""Puts one revision of a model into HF_HOME, so that an offline vLLM finds it: download_model.py MODEL_ID [REVISION]."""

import pathlib
import re
import sys

from huggingface_hub import snapshot_download

model_id, revision = (*sys.argv[1:], "")[:2]
snapshot = pathlib.Path(snapshot_download(model_id, revision=revision or None))
print(f"model {model_id} at {snapshot.name}")
if not re.fullmatch("[0-9a-f]{40}", revision):
    print(
        f"NOT PINNED: model revision '{revision}' can move. "
        f"Write the commit that this build took as model.revision: {snapshot.name}"
    )

# vLLM asks for `main`, and offline that name is a file in the cache, which a download by commit does not write.
main = snapshot.parent.parent / "refs" / "main"
main.parent.mkdir(exist_ok=True)
main.write_text(snapshot.name)
