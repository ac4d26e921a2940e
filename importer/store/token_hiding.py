"""The access token in what the store says: found in whatever way it is written there, and hidden."""

import base64
import html
import re
from typing import Any

from importer.settings import AccessToken

HIDDEN = "(access token hidden)"
_WHOLE = "(a text that held the access token)"
_ESCAPE = re.compile(r"\\+(?:u([0-9a-f]{4})|u\{0*([0-9a-f]{1,4})\}|x([0-9a-f]{2})|[nrtbf])", re.IGNORECASE)
"""A character as JSON, JavaScript and Python write it; any number of backslashes, as in a text in a text."""
_PERCENT = re.compile("%([0-7][0-9a-f])", re.IGNORECASE)
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
"""What may stand between two letters without being seen; no token holds any of it."""
_UNSEEN_ASCII = bytes([*range(33), 127])
_MOST_LAYERS = 6
_SHORTEST = 8
"""Characters; a token that is shorter is no store's, and would be found in pieces everywhere."""


class TokenHider:
    r"""Hides one token.

    A text is searched as it is and decoded, several times over: JSON's `\u` escapes, percent-encoding, HTML's
    entities, base64 and hexadecimal digits. In a text that is cut off, or that is no JSON at all, it is found as well.

    Args:
        token: the token.
    """

    def __init__(self, token: AccessToken) -> None:
        text = token.reveal()
        encoded = _encoded(text)
        self._known = [known.lower() for known in (text, *encoded)]
        letters = "".join(map(_any_form, text))
        self._forms = re.compile("|".join([letters, *map(re.escape, encoded)]), re.IGNORECASE)

    def holds(self, text: str) -> bool:
        """Whether the token is in a text, however it is written there."""
        for _ in range(_MOST_LAYERS):
            text = text.lower()
            if len(self._known[0]) >= _SHORTEST:
                text = _seen(text)
            bare = text.replace("\\", "")
            if any(form in text or form in bare for form in self._known):
                return True
            decoded = _decoded(text)
            if decoded == text:
                return False
            text = decoded
        return False

    def hide(self, text: str) -> str:
        """The text without the token; without anything where the token is so entangled with it that it cannot go."""
        if not self.holds(text):
            return text
        hidden = self._forms.sub(HIDDEN, text)
        return _WHOLE if self.holds(hidden) else hidden

    def hide_in(self, value: Any) -> Any:
        """A value as JSON has it, with the token hidden in every text, the names of members included."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, list):
            return [self.hide_in(item) for item in value]
        if isinstance(value, dict):
            return {self.hide(name): self.hide_in(item) for name, item in value.items()}
        return value


def _seen(text: str) -> str:
    """The text without what is not seen; most of it goes as bytes, which takes a tenth of the time."""
    text = text.encode("utf-8", "surrogatepass").translate(None, _UNSEEN_ASCII).decode("utf-8", "surrogatepass")
    return text if text.isascii() else _UNSEEN.sub("", text)


def _decoded(text: str) -> str:
    """The text with one layer of each kind of encoding taken off."""
    if "\\" in text:
        text = _ESCAPE.sub(_character, text)
    if "%" in text:
        text = _PERCENT.sub(lambda match: chr(int(match[1], 16)), text)
    return html.unescape(text) if "&" in text else text


def _character(escape: "re.Match[str]") -> str:
    code = escape[1] or escape[2] or escape[3]
    return chr(int(code, 16)) if code else ""


def _any_form(letter: str) -> str:
    """A pattern for one letter of the token in any form."""
    code = ord(letter)
    return (
        rf"(?:\\*{re.escape(letter)}|\\+u\{{?0*{code:02x}\}}?|\\+x{code:02x}|%(?:25)*{code:02x}"
        rf"|&(?:amp;)*\#0*{code};?|&(?:amp;)*\#x0*{code:x};?)"
    )


def _encoded(token: str) -> list[str]:
    """The token in base64, wherever in a longer text it may have stood, and in hexadecimal digits."""
    raw = token.encode()
    found = [raw.hex()]
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw)
        # Letters that hold bits of what stood before or behind it are anybody's.
        core = coded.rstrip(b"=")[(offset * 8 + 5) // 6 : (offset + len(raw)) * 8 // 6].decode()
        if len(core) >= _SHORTEST:
            found += [core, core.replace("+", "-").replace("/", "_")]
    return list(dict.fromkeys(found))
