"""Puts one revision of a model into HF_HOME, so that an offline vLLM finds it: download_model.py MODEL_ID REVISION."""

import pathlib
import re
import sys

from huggingface_hub import snapshot_download

model_id, revision = sys.argv[1:]
if not re.fullmatch("[0-9a-f]{40}", revision):
    print(f"WARNING: model revision '{revision}' can move. Pin it: https://huggingface.co/{model_id}/commits/{revision}")

snapshot = pathlib.Path(snapshot_download(model_id, revision=revision))
print(f"model {model_id} at {snapshot.name}")

# vLLM asks for `main`, and offline that name is a file in the cache, which a download by commit does not write.
main = snapshot.parent.parent / "refs" / "main"
main.parent.mkdir(exist_ok=True)
main.write_text(snapshot.name)
