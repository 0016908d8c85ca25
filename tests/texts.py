"""What is handed to Streamlit as Markdown, read from the code: how each text in it was made safe.

A text somebody typed is safe through one of :data:`ESCAPES` alone. What the program says
itself is a constant, a count, or comes from a function whose own texts are looked at in
turn. Whatever else reaches the screen is found here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

ESCAPES = {"say_name", "md_escape", "plotly_escape", "for_the_page"}
SHOWN = {
    *("markdown", "caption", "title", "header", "subheader", "page_header"),
    *("error", "warning", "info", "success", "toast", "badge"),
}
"""Functions whose every text is Markdown."""

LABELLED = {
    *("checkbox", "button", "toggle", "radio", "selectbox", "multiselect", "expander", "metric"),
    *("form_submit_button", "text_input", "number_input", "date_input", "text_area", "popover"),
    *("download_button", "page_link", "link_button", "segmented_control", "pills", "progress"),
    *("tabs", "spinner", "status", "menu_button", "slider", "file_uploader"),
}
"""Functions whose label and help are Markdown."""

PASSING = {
    *("str", "one_line", "name", "names", "get", "pop", "lower", "upper", "strip", "replace"),
    *("title", "getattr", "removesuffix", "removeprefix", "repr", "format", "capitalize", "map"),
    *("dict", "zip", "bases", "explain", "say_rules"),
    *("handing_sentence", "since_sentence", "days_sentence"),
}
"""Functions that give back texts as they were typed, or say so: plain text."""

Scope = dict[str, list[ast.expr]]


class Texts:
    """The texts of one file that reach the screen without an escape."""

    def __init__(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self._parts: dict[str, list[ast.AST]] = {"": list(_outside_functions(tree))}
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        self._parts |= {function.name: list(ast.walk(function)) for function in functions}
        whole = _assigned(self._parts[""])
        self._scopes = {name: {**whole, **_assigned(part)} for name, part in self._parts.items()}
        self._seen: set[str] = set()

    def bare(self) -> set[str]:
        """Return what is shown as it came, behind the function that shows it."""
        inside = {
            node: name
            for name, part in self._parts.items()
            for node in part
            if isinstance(node, ast.Call)
        }
        found: set[str] = set()
        for call, name in inside.items():
            self._seen.clear()
            for text in _texts_of(call):
                found |= {f"{name}: {bare}" for bare in self._leaves(text, self._scopes[name])}
        return found

    def _leaves(self, node: ast.expr, scope: Scope) -> Iterator[str]:
        parts = _parts(node)
        if parts is not None:
            for part in parts:
                yield from self._leaves(part, scope)
        elif isinstance(node, ast.Name) and node.id in scope:
            less = {name: values for name, values in scope.items() if name != node.id}
            for value in scope[node.id]:
                yield from self._leaves(value, less)
        elif isinstance(node, ast.Call):
            yield from self._called(node)
        elif not (isinstance(node, ast.Name | ast.Attribute) and _last(node).isupper()):
            yield ast.unparse(node)

    def _called(self, call: ast.Call) -> Iterator[str]:
        name = _last(call.func)
        if name in PASSING:
            yield ast.unparse(call)
        elif name in self._parts and isinstance(call.func, ast.Name) and name not in self._seen:
            self._seen.add(name)
            for node in self._parts[name]:
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from self._leaves(node.value, self._scopes[name])


def _texts_of(call: ast.Call) -> list[ast.expr]:
    name = _last(call.func.body if isinstance(call.func, ast.IfExp) else call.func)
    if name not in SHOWN | LABELLED or (isinstance(call.func, ast.Name) and name != "page_header"):
        return []
    named = [word.value for word in call.keywords if word.arg in ("label", "help", "body")]
    # The first of the header is escaped there.
    shown = {"page_header": slice(1, 2), "metric": slice(2)}.get(name, slice(1))
    return [*call.args[shown], *named]


def _parts(node: ast.expr) -> list[ast.expr] | None:
    """Return what a text is put together from; None where it is one piece."""
    found: list[ast.expr] | None = None
    match node:
        case ast.Constant():
            found = []
        case ast.JoinedStr(values=values):
            placed = [value for value in values if isinstance(value, ast.FormattedValue)]
            found = [value.value for value in placed if not _is_number(value)]
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            found = [left, right]
        case ast.BoolOp(values=many) | ast.List(elts=many) | ast.Tuple(elts=many):
            found = many
        case ast.Dict(values=many):
            found = many
        case ast.Starred(value=one) | ast.Subscript(value=one) | ast.NamedExpr(value=one):
            found = [one]
        case ast.GeneratorExp(elt=one) | ast.ListComp(elt=one):
            found = [one]
        case ast.Call(func=func, args=args):
            name = _last(func)
            if name in ESCAPES or (name == "map" and _last(args[0]) in ESCAPES):
                found = []
            elif name in ("join", "join_words", "filter", "list", "sorted"):
                found = args[-1:]
    return found


def _is_number(placed: ast.FormattedValue) -> bool:
    return placed.format_spec is not None and any(
        sign in ast.unparse(placed.format_spec) for sign in ",dgf%"
    )


def _last(node: ast.AST) -> str:
    """Return the last name of a dotted one, "" for anything else."""
    return getattr(node, "attr", getattr(node, "id", ""))


def _assigned(nodes: Iterable[ast.AST]) -> Scope:
    """Return what each name is given in a function, or at the top of a file."""
    found: Scope = {}
    for node in nodes:
        match node:
            case ast.For(
                target=ast.Name(id=name), iter=ast.Name() | ast.Tuple() | ast.Call() as many
            ):
                found.setdefault(name, []).append(many)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    for name, given in _pairs(target, value):
                        found.setdefault(name, []).append(given)
            case (
                ast.AugAssign(target=ast.Name(id=name), value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                found.setdefault(name, []).append(value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend")):
                found.setdefault(name, []).extend(node.args)
    return found


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield child
            yield from _outside_functions(child)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, given in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, given)
    elif isinstance(target, ast.Tuple):
        for one in target.elts:
            yield from _pairs(one, value)
