"""How bash, zsh and fish ask what may stand at the cursor, and in which form each of them takes the answer.

The script of a shell names it in the variable ``registry.COMPLETE``, hands over the line up to the cursor, and gets one
offer on each line, with what it is behind a tab. What is offered is decided by ``cli.completing``; no shell ever
evaluates any of it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

LINE = "_CRM_LINE"  # variables of the scripts: the line up to the cursor, the program's name included,
BREAKS = "_CRM_BREAKS"  # and the characters at which bash begins a new word, quoted ones apart

Offer = tuple[str, str]  # a whole word, and what it is
_PLAIN = r"[^\w@%+=:,./-]"  # what is no part of a bare word
_ROOM = 60  # columns of an explanation in bash, which shows it beside the word

_BASH = """_crm() {
    local IFS=$'\\n'
    mapfile -t COMPREPLY < <(_CRM_COMPLETE=bash _CRM_BREAKS="$COMP_WORDBREAKS" \\
        _CRM_LINE="${COMP_LINE:0:COMP_POINT}" "$1" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}

complete -o default -o nosort -F _crm crm crmcli
"""
_ZSH = """#compdef crm crmcli

_crm() {
  local -a values shown more
  local value meaning
  while IFS=$'\\t' read -r value meaning; do
    values+=("$value")
    shown+=("$value${meaning:+  -- $meaning}")
  done < <(_CRM_COMPLETE=zsh _CRM_LINE="${(j: :)words[1,CURRENT]}" "${words[1]}" 2>/dev/null)
  if (( $#values )); then
    [[ $values[1] == *= ]] && more=(-S '')
    compadd -l -V crm $more -d shown -a values
  else
    _files
  fi
}

if [[ $funcstack[1] == _crm ]]; then _crm "$@"; else compdef _crm crm crmcli; fi
"""
_FISH = """function __crm_complete
    set -l offers (env _CRM_COMPLETE=fish _CRM_LINE=(commandline -cp | string collect) crm 2>/dev/null)
    if test (count $offers) -gt 0
        printf '%s\\n' $offers
    else
        __fish_complete_path (commandline -ct)
    end
end

complete -c crm -c crmcli -f -k -a '(__crm_complete)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


class Line(NamedTuple):
    """A command line up to the cursor.

    ``words`` are the finished words behind the name of the program, ``last`` is the one that was begun. ``raw`` is what
    the shell puts an offer in the place of: the begun word as it was typed, from its last break on, or from the
    quotation mark on that is still open, ``quote``.
    """

    words: list[str]
    last: str
    raw: str
    quote: str = ""


def read_line(text: str, breaks: str = "") -> Line:
    """Return what a line means to a shell, as far as quotation marks and backslashes go.

    ``breaks`` are the characters at which the shell begins something new inside a word.
    """
    words: list[str] = []
    word, quote, start, escaped, begun = "", "", 0, False, False
    for place, char in enumerate(text):
        if escaped:
            word, escaped = word + char, False
        elif char == "\\" and quote != "'":
            escaped = begun = True
        elif quote:
            word, quote = (word, "") if char == quote else (word + char, quote)
        elif char in "'\"":
            quote, opened, begun = char, place + 1, True
        elif char.isspace():
            if begun:
                words.append(word)
            word, start, begun = "", place + 1, False
        else:
            word, begun = word + char, True
            if char in breaks:
                start = place + (char != "@")  # readline leaves an @ with what follows it
    return Line(words[1:], word, text[opened if quote else start :], quote)


def answer(shell: str, environ: Mapping[str, str], offers: Callable[[list[str], str], Iterable[Offer]]) -> str:
    """Return what a shell is to be told; ``offers`` gives whole words for finished words and the one that was begun.

    A word that begins otherwise than typed is left out, and so is one that a terminal could act on.
    """
    line = read_line(environ.get(LINE, ""), environ.get(BREAKS, ""))
    found = list(_endings(line, offers(line.words, line.last)))
    if shell != "bash":
        return "".join(f"{line.last}{ending}\t{meaning}\n" for ending, meaning in found)
    typed = [(line.raw + _quoted(ending, line.quote), meaning) for ending, meaning in found]
    if len(typed) == 1:
        return f"{typed[0][0]}\n"
    width = max((len(text) for text, _ in typed), default=0)
    return "".join(f"{text.ljust(width)}  ({meaning[:_ROOM]})\n" if meaning else f"{text}\n" for text, meaning in typed)


def _endings(line: Line, offers: Iterable[Offer]) -> Iterator[Offer]:
    """Yield what is still to be typed of each word; of ``--set=KEY`` only the value was asked for."""
    from crmcli.output.safe import safe

    option, equals, value = line.last.partition("=")
    of_option = option.startswith("--") and equals
    for word, meaning in offers:
        begun = value if of_option and not word.startswith(line.last) else line.last
        if word.startswith(begun) and safe(word) == word:
            yield word[len(begun) :], safe(meaning)


def _quoted(text: str, quote: str) -> str:
    """Return text as it is typed behind what stands there already: in an open quotation, or bare."""
    if quote == "'":
        return text.replace("'", "'\\''")
    return re.sub(r'["$`\\]' if quote else _PLAIN, r"\\\g<0>", text)
