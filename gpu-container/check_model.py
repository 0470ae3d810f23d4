"""Is the model in HF_HOME whole? check_model.py MODEL_ID [--load]; needs neither GPU nor network.

Every file is what its name in the cache says, every tensor that the index names is there, in the shape that the
configuration asks for. With --load, transformers also reads configuration, tokenizer and processor, offline, and vLLM
imports its own class of the model.
All problems are printed together; exit code 1 when there is one.
"""

import hashlib
import json
import math
import os
import pathlib
import re
import struct
import sys

# https://github.com/huggingface/safetensors#format
DTYPE_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}  # fmt: skip


def find_snapshot(model_id):
    """The folder that an offline vLLM reads, by the cache's own layout."""
    folder = pathlib.Path(os.environ["HF_HOME"]) / "hub" / ("models--" + model_id.replace("/", "--"))
    return folder / "snapshots" / (folder / "refs" / "main").read_text().strip()


def content_problems(snapshot):
    """The cache names a file by its hash: SHA-256 for large ones, git's own for the rest."""
    for path in sorted(snapshot.rglob("*")):
        blob = path.resolve()
        if path.is_dir():
            continue
        if not blob.exists():
            yield f"{path.name}: its content is not there"
            continue
        if re.fullmatch("[0-9a-f]{64}", blob.name):
            digest = hashlib.sha256()
        elif re.fullmatch("[0-9a-f]{40}", blob.name):
            digest = hashlib.sha1(f"blob {blob.stat().st_size}\0".encode(), usedforsecurity=False)
        else:
            print(f"NOT CHECKED: {path.name} has no hash for a name")
            continue
        with blob.open("rb") as file:
            while chunk := file.read(1 << 24):
                digest.update(chunk)
        if digest.hexdigest() != blob.name:
            yield f"{path.name}: is {digest.hexdigest()}, and should be {blob.name}"


def read_header(path):
    """Names and descriptions of the tensors in a file, and what is wrong with their places in it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
        if not 0 < length <= size - 8:
            return {}, [f"{path.name}: ends inside its header"]
        tensors = json.loads(file.read(length))
    tensors.pop("__metadata__", None)
    problems = []
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1]["data_offsets"]):
        begin, after = tensor["data_offsets"]
        due = end + DTYPE_BYTES.get(tensor["dtype"], math.nan) * math.prod(tensor["shape"])
        if (begin, after) != (end, due):
            problems.append(f"{path.name}: {name} ({tensor['dtype']}) has bytes {begin} to {after}, not {end} to {due}")
        end = after
    if size != 8 + length + end:
        problems.append(f"{path.name}: has {size} bytes, and its header describes {8 + length + end}")
    return tensors, problems


def read_weights(snapshot):
    """All tensors of the model, and what is wrong with the files."""
    index = snapshot / "model.safetensors.index.json"
    weight_map = json.loads(index.read_text())["weight_map"] if index.exists() else None
    names = sorted(set(weight_map.values())) if weight_map else ["model.safetensors"]
    tensors, problems = {}, []
    for name in names:
        if not (snapshot / name).exists():
            problems.append(f"{name}: is missing")
            continue
        found, wrong = read_header(snapshot / name)
        tensors.update(found)
        problems += wrong
        if weight_map:
            problems += [f"{name}: has no {t}" for t, file in weight_map.items() if file == name and t not in found]
    return tensors, problems


def shape_problems(config, tensors):
    """The weights that tell the model's size, against its configuration: a text model under `text_config` or on its own."""
    text = config.get("text_config", config)
    heads = text["num_attention_heads"]
    head_dim = text.get("head_dim") or text["hidden_size"] // heads
    key_value_heads = text.get("num_key_value_heads") or heads
    wanted = [
        ("embed_tokens.weight", 1, [text["vocab_size"], text["hidden_size"]]),
        ("self_attn.q_proj.weight", text["num_hidden_layers"], [heads * head_dim, text["hidden_size"]]),
        ("self_attn.k_proj.weight", text["num_hidden_layers"], [key_value_heads * head_dim, text["hidden_size"]]),
        ("mlp.down_proj.weight", text["num_hidden_layers"], [text["hidden_size"], text["intermediate_size"]]),
    ]
    for suffix, count, shape in wanted:
        # The encoder of the pictures may name its own layers likewise.
        found = {n: t["shape"] for n, t in tensors.items() if n.endswith(suffix) and "vision" not in n}
        if len(found) != count:
            yield f"*.{suffix}: config.json asks for {count}, the weights have {len(found)}"
        for name, got in sorted(found.items()):
            if got != shape:
                yield f"{name}: config.json asks for {shape}, the weights have {got}"


def load_problems(model_id):
    """What vLLM asks transformers for at a start, before the weights."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import transformers

    for kind in ("AutoConfig", "AutoTokenizer", "AutoProcessor"):
        where = f"{kind}, with transformers {transformers.__version__}"
        try:
            loaded = getattr(transformers, kind).from_pretrained(model_id)
        except Exception as error:
            yield f"{where}: {error}"
            continue
        # Without its files transformers 5.16.1 makes an empty tokenizer and says nothing; the least has one token a byte.
        if kind == "AutoTokenizer" and len(loaded) < 256:
            yield f"{where}: knows {len(loaded)} tokens"


def vllm_problems(architectures):
    """vLLM's class of the model, which needs names of transformers that another version may not have."""
    import transformers
    from vllm import __version__
    from vllm.model_executor.models import ModelRegistry

    where = f"vLLM {__version__}, with transformers {transformers.__version__}"
    known = [name for name in architectures if name in ModelRegistry.models]
    if not known:
        yield f"{where}: knows no class of {', '.join(architectures) or 'a model without architectures'}"
    for name in known:
        try:
            ModelRegistry.models[name].load_model_cls()
        except Exception as error:
            yield f"{where}: cannot import {name}: {error}"


def model_problems(model_id, load):
    try:
        snapshot = find_snapshot(model_id)
        config = json.loads((snapshot / "config.json").read_text())
    except OSError as error:
        return [f"{error.filename}: {error.strerror}"]
    tensors, problems = read_weights(snapshot)
    problems = [*content_problems(snapshot), *problems]
    if not problems:
        problems = [*shape_problems(config, tensors)]
    if load and not problems:
        problems = [*load_problems(model_id), *vllm_problems(config.get("architectures", []))]
    if not problems:
        size = sum(t["data_offsets"][1] - t["data_offsets"][0] for t in tensors.values())
        print(f"{model_id} at {snapshot.name} is whole: {len(tensors)} tensors, {size / 2**30:.2f} GiB")
    return problems


if __name__ == "__main__":
    found = model_problems(sys.argv[1], "--load" in sys.argv[2:])
    for problem in found:
        print(f"model {sys.argv[1]}: {problem}", file=sys.stderr)
    sys.exit(1 if found else 0)
