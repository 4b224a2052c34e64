"""Parameters that are not written out in a function: those every writer takes, and those made from the catalogue.

Typer reads a command's options from the signature of its function; here signatures are put together. What the options
mean belongs to the modules that use them.
"""

from collections.abc import Callable, Iterable
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, NamedTuple

import typer

from crmcli.cli import options

Function = Callable[..., None]


class Asked(NamedTuple):
    """The options that every writing command takes, as given."""

    dry_run: bool = False
    explain: bool = False
    no_rules: bool = False
    yes: bool = False
    reason: str | None = None
    idempotency_key: str | None = None
    wait: bool = False
    max: int | None = None
    output: str | None = None


_ANNOTATIONS = {
    "dry_run": options.DryRun,
    "explain": options.Explain,
    "no_rules": options.NoRules,
    "yes": options.Yes,
    "reason": options.Reason,
    "idempotency_key": options.IdempotencyKey,
    "wait": options.Wait,
    "max": options.Max,
}
_WHY = Annotated[str | None, typer.Option("--why", metavar="TEXT", help="Why; kept in the history.")]


def parameter(name: str, annotation: Any, default: Any = None) -> Parameter:
    """Return an optional parameter; ``...`` as default makes it required."""
    return Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        annotation=annotation,
        default=Parameter.empty if default is ... else default,
    )


def asked_parameters(*, why: bool = False, output: Any = options.OutputFormat) -> list[Parameter]:
    """Return the parameters of ``Asked``; with ``why`` the reason is ``--why``, as ``--reason`` means another thing.

    ``output`` is the option that names the format of the answer.
    """
    annotations = {**_ANNOTATIONS, "output": output} | ({"reason": _WHY} if why else {})
    return [parameter(name, annotations[name], Asked._field_defaults[name]) for name in Asked._fields]


def writes(function: Function, output: Any = options.OutputFormat) -> Function:
    """Give a command the options of every writer, which it gets together as its last parameter, ``asked``.

    A command whose own ``reason`` says why a deal was lost keeps it, and takes the journal's as ``--why``. ``output``
    is the option for the format of the answer.
    """
    own = [
        Parameter(found.name, Parameter.KEYWORD_ONLY, annotation=found.annotation, default=found.default)
        for found in signature(function).parameters.values()
        if found.name != "asked"
    ]
    if not any(found.name == "reason" for found in own):
        return Command(
            function.__name__, function.__doc__ or "", _bundled(function), [*own, *asked_parameters(output=output)]
        )
    more = [
        found.replace(name="why") if found.name == "reason" else found
        for found in asked_parameters(why=True, output=output)
    ]
    return Command(function.__name__, function.__doc__ or "", _bundled(function, why=True), [*own, *more])


def _bundled(function: Function, *, why: bool = False) -> Function:
    def run(**given: Any) -> None:
        names = {("why" if why and name == "reason" else name): name for name in Asked._fields}
        asked = Asked(**{name: given.pop(key) for key, name in names.items()})
        function(**given, asked=asked)

    return run


class Command:
    """A command function whose signature is given, or made when somebody asks for it.

    ``asks`` says what the parameters that this command alone has come to.
    """

    def __init__(
        self,
        name: str,
        help_text: str,
        run: Function,
        parameters: list[Parameter] | Callable[[], Iterable[Parameter]],
        asks: Callable[..., Any] | None = None,
    ) -> None:
        self.__name__ = self.__qualname__ = name
        self.__doc__ = help_text
        self.asks = asks
        self._run = run
        self._parameters = parameters

    def __call__(self, **given: Any) -> None:
        """Run the command."""
        self._run(**given)

    def __getattr__(self, name: str) -> Any:
        if name not in ("__signature__", "__annotations__"):
            raise AttributeError(name)
        parameters = self._parameters() if callable(self._parameters) else self._parameters
        made = Signature(list(parameters))
        self.__signature__ = made
        self.__annotations__ = {found.name: found.annotation for found in made.parameters.values()}
        return self.__dict__[name]
