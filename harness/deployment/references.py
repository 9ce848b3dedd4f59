"""The one resolver of `${{service.VARIABLE}}`: case-sensitive, nested, embedded in longer text, as Railway reads it.

Railway does not document the value of a reference that names nothing. Here it is an error, so that it never reaches a role.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping

SHARED = "shared"  # scope of the variables that belong to no service
OPENING = "${{"
REFERENCE = re.compile(r"\$\{\{(.*?)\}\}")
QUOTED = re.compile(r"""\s*(["']).*\$\{\{.*\1\s*""", re.DOTALL)
NAME = re.compile(r"[\w .-]+", re.ASCII)  # of a service that a reference names without quotes
TARGET = re.compile(
    r"""(?:(?P<quote>"?)(?P<scope>[@\w /.-]+)(?P=quote)\.)?(?P<variable>[A-Za-z_]\w*)""", re.ASCII
)
FUNCTION = re.compile(r"(?P<name>secret|randomInt)\s*\(")  # functions of a template, run when it is deployed

Name = tuple[str, str]  # a scope and a variable in it


class UnresolvedReferenceError(Exception):
    """A variable holds a reference that leads nowhere.

    Args:
        scope: the service with the variable, or `shared`.
        variable: that holds the reference.
        problem: what is wrong with it.
        file: where it is written, if it is in one.
    """

    def __init__(self, scope: str, variable: str, problem: str, file: str = "") -> None:
        self.scope = scope
        self.variable = variable
        self.problem = problem
        super().__init__(
            f"{file}: {scope}.{variable}: {problem}" if file else f"{scope}.{variable}: {problem}"
        )


class Resolver:
    """Values with every reference in them followed.

    Args:
        scopes: service -> variable -> value. Variables of the scope `shared` belong to no service.
        file: where they are written, for errors.
        kept: variables that stay references because their values must not be shown.
    """

    def __init__(
        self, scopes: Mapping[str, Mapping[str, str]], file: str = "", kept: Collection[Name] = ()
    ) -> None:
        self._scopes = {SHARED: {}, **scopes}
        self._file = file
        self._kept = kept

    def environment(self, service: str) -> dict[str, str]:
        """All variables of a service.

        Raises:
            UnresolvedReferenceError: one of them refers to nothing, or to itself.
        """
        return {variable: self.value(service, variable) for variable in self._scopes[service]}

    def value(self, service: str, variable: str) -> str:
        """One variable of a service.

        Raises:
            UnresolvedReferenceError: it refers to nothing, or to itself.
        """
        return self._follow((service, variable), ())

    def _follow(self, name: Name, way: tuple[Name, ...]) -> str:
        if name in way:
            circle = " -> ".join(".".join(step) for step in (*way[way.index(name) :], name))
            raise self._error(name, f"refers to itself: {circle}")
        scope, variable = name
        if name in self._kept:
            return reference(scope, variable)
        text = self._scopes[scope][variable]
        if QUOTED.fullmatch(text):
            raise self._error(
                name, "is a reference in quotes, which would become part of the value: leave them out"
            )
        if OPENING in REFERENCE.sub("", text):
            raise self._error(name, f"{OPENING} is never closed by }}}}")
        return REFERENCE.sub(lambda match: self._follow(self._target(match, name), (*way, name)), text)

    def _target(self, written: re.Match[str], holder: Name) -> Name:
        parts = TARGET.fullmatch(written[1].strip())
        if made := FUNCTION.match(written[1].strip()):
            problem = (
                f"{made['name']}() makes a value only in a template, when that is deployed; here it would stay as it is: "
                "make the value yourself (openssl rand -hex 32), and set it as a shared variable"
            )
            raise self._error(holder, problem)
        if parts and parts["scope"] and not parts["quote"] and not NAME.fullmatch(parts["scope"]):
            quoted = reference(parts["scope"], parts["variable"])
            raise self._error(
                holder, f"{written[0]} names a service that has to stand in quotes: write {quoted}"
            )
        if not parts or (parts["quote"] and NAME.fullmatch(parts["scope"])):
            problem = f"{written[0]} is no reference: write ${{{{service.VARIABLE}}}}, without quotes"
            raise self._error(holder, problem)
        scope, variable = parts["scope"] or holder[0], parts["variable"]
        if scope not in self._scopes:
            problem = f"{written[0]} names no service; {did_you_mean(scope, self._scopes)}"
            raise self._error(holder, problem)
        if variable not in self._scopes[scope]:
            problem = (
                f"{written[0]} names no variable of {scope}; {did_you_mean(variable, self._scopes[scope])}"
            )
            raise self._error(holder, problem)
        return scope, variable

    def _error(self, holder: Name, problem: str) -> UnresolvedReferenceError:
        return UnresolvedReferenceError(*holder, problem, self._file)


def reference(scope: str, variable: str) -> str:
    """A reference as Railway writes it, with a name such as `@scope/name` in quotes."""
    named = scope if NAME.fullmatch(scope) else f'"{scope}"'
    return f"{OPENING}{named}.{variable}}}}}"


def canonical(text: str, holder: str) -> str:
    """A text with each reference written in one standard form, because the same reference can be written in several ways.

    Args:
        text: as it is written.
        holder: the service with the text; a reference without a scope means this service.
    """

    def again(written: re.Match[str]) -> str:
        parts = TARGET.fullmatch(written[1].strip())
        return reference(parts["scope"] or holder, parts["variable"]) if parts else written[0]

    return REFERENCE.sub(again, text)


def targets(text: str) -> list[tuple[str, str]]:
    """Scope and variable of each reference in a text; the scope is empty where it is the holder's own.

    Args:
        text: as it is written.
    """
    found = (TARGET.fullmatch(written.strip()) for written in REFERENCE.findall(text))
    return [(parts["scope"] or "", parts["variable"]) for parts in found if parts]


def redirected(text: str, names: Collection[Name], scope: str) -> str:
    """A text in which each reference to some variables leads to those of the same names in another scope.

    Args:
        text: as it is written.
        names: scope and variable of each.
        scope: the other scope.
    """

    def again(written: re.Match[str]) -> str:
        parts = TARGET.fullmatch(written[1].strip())
        moved = parts is not None and (parts["scope"], parts["variable"]) in names
        return reference(scope, parts["variable"]) if parts and moved else written[0]

    return REFERENCE.sub(again, text)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: the name that was probably meant, else all known names.

    Args:
        name: the unknown one.
        known: the ones there are.
    """
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    if not close:
        return f"there is {', '.join(by_folded.values()) or 'none'}"
    case = " (case matters)" if close[0] == name.casefold() else ""
    return f'did you mean "{by_folded[close[0]]}"{case}?'
