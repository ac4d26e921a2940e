"""The text to forward to whoever runs a host: what is wrong, what it means, what to do and how to see that it is done.

Facts on TLS: versions 1.0 and 1.1 are RFC 2246 (1999) and RFC 4346 (2006), withdrawn by RFC 8996 (March 2021); PCI DSS
3.2, appendix A2, ended TLS 1.0 for shops on 30 June 2018. BigCommerce docs, Create a Product Image: an `image_url` "may
fail if the hosting website is forcing HTTPS connections with TLS 1.0".
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from importer.models import ProblemCode


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble on a host.

    Attributes:
        code: its code, one of `CODES`.
        words: what the check says of it, as a sentence.
        urls: the distinct addresses that have it, at least one.
    """

    code: ProblemCode
    words: str
    urls: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Words:
    """What to say of one code: what it means, what to do, a command that shows whether it is done, and its good end.

    In the last three, `{server}` stands for the host and port, `{name}` for the host and `{url}` for the example, as a
    command line needs them.
    """

    meaning: str
    please: str
    command: str
    end: str


_C = ProblemCode
_DOWNLOAD = "curl -sSL -o picture -w '%{{http_code}} %{{content_type}} %{{size_download}} bytes\\n' {url}"
_OPENS = (_DOWNLOAD, "prints 200, image/… and the size of the picture.")
_HANDSHAKE = "openssl s_client -connect {server} -servername {name}"
_TRUSTED = "ends with “Verify return code: 0 (ok)”."
_CONNECTED = "shows the server's certificate instead of an error."
_REACH = "BigCommerce downloads each picture from the internet once; from a host that it cannot reach, it gets none."
_BROKEN = "The shop cannot show a picture whose file is not whole."

_WORDS: Mapping[ProblemCode, _Words] = {
    _C.TLS_TOO_OLD: _Words(
        "TLS is the encryption of https. Its versions 1.0 (of 1999) and 1.1 (of 2006) are no longer safe: shops have "
        "had to give up TLS 1.0 since 30 June 2018 (PCI DSS), browsers dropped both versions in 2020, and the standard "
        "withdrew them in March 2021 (RFC 8996). BigCommerce, our shop system, does not download pictures over them.",
        "Please turn on TLS 1.2 or, better, 1.2 and 1.3.",
        f"{_HANDSHAKE} -tls1_2 </dev/null",
        _CONNECTED,
    ),
    _C.TLS_CERTIFICATE_EXPIRED: _Words(
        "BigCommerce, our shop system, does not download pictures from a host whose certificate is out of date.",
        "Please renew the certificate, and see that it renews itself from now on.",
        f"{_HANDSHAKE} </dev/null",
        _TRUSTED,
    ),
    _C.TLS_CERTIFICATE_HOSTNAME: _Words(
        "BigCommerce, our shop system, does not download pictures from a host whose certificate was made for another "
        "name.",
        "Please install a certificate that names {name}.",
        f"{_HANDSHAKE} -verify_hostname {{name}} </dev/null",
        _TRUSTED,
    ),
    _C.TLS_CERTIFICATE_UNTRUSTED: _Words(
        "BigCommerce, our shop system, does not download pictures from a host whose certificate cannot be traced back "
        "to a public authority.",
        "Please install a certificate of a public authority, with all intermediate certificates (the “full chain”). "
        "Browsers often hide that one is missing; programs do not.",
        f"{_HANDSHAKE} </dev/null",
        _TRUSTED,
    ),
    _C.TLS_HANDSHAKE_FAILED: _Words(
        "BigCommerce, our shop system, cannot open an encrypted connection to the host.",
        "Please check the TLS set-up of this port and the log of the web server.",
        f"{_HANDSHAKE} </dev/null",
        _CONNECTED,
    ),
    _C.DNS_NOT_FOUND: _Words(
        _REACH,
        "Please check the DNS entries of {name}, or tell us the name under which the pictures are now.",
        "nslookup {name}",
        "prints an address.",
    ),
    _C.CONNECT_REFUSED: _Words(_REACH, "Please start the web server, or open its port to the internet.", *_OPENS),
    _C.CONNECT_TIMEOUT: _Words(
        _REACH, "Please check whether a firewall lets connections from the internet through to this port.", *_OPENS
    ),
    _C.READ_TIMEOUT: _Words(
        "BigCommerce, our shop system, does not wait long for a picture either.",
        "Please check why the server takes so long to answer.",
        *_OPENS,
    ),
    _C.CONNECTION_LOST: _Words(
        _REACH, "Please check why the server, or a firewall before it, closes the connections.", *_OPENS
    ),
    _C.HTTP_NOT_FOUND: _Words(
        "The shop cannot show pictures that are not there.",
        "Please put the files back, or tell us where they are now.",
        *_OPENS,
    ),
    _C.HTTP_FORBIDDEN: _Words(
        "BigCommerce, our shop system, downloads each picture once, as a program and without a login.",
        "Please allow downloads without a login, without a check of the referring page (“hotlink protection”) and by "
        "programs as well as by browsers.",
        *_OPENS,
    ),
    _C.HTTP_ERROR: _Words(_REACH, "Please look into the log of the web server for the cause.", *_OPENS),
    _C.REDIRECT_LOOP: _Words(
        "No program can follow these redirects to their end.",
        "Please correct the redirects, or tell us where the pictures are now.",
        "curl -sSIL --max-redirs 10 {url}",
        "ends with a status of 200.",
    ),
    _C.NOT_AN_IMAGE: _Words(
        "A shop can only show pictures. Such addresses often lead to a login or to a page that says that the picture "
        "is gone.",
        "Please let the addresses lead to the pictures themselves, without a login.",
        *_OPENS,
    ),
    _C.IMAGE_EMPTY: _Words(_BROKEN, "Please upload these files to the server again.", *_OPENS),
    _C.IMAGE_TRUNCATED: _Words(_BROKEN, "Please upload these files to the server again.", *_OPENS),
    _C.STORE_COULD_NOT_FETCH: _Words(
        "From here the pictures open, but BigCommerce, our shop system, was not able to download them: some hosts turn "
        "away programs, data centres, or countries.",
        "Please let BigCommerce's servers in. Their downloads have been seen with the user agent “Ruby”.",
        f"{_DOWNLOAD} -A Ruby",
        "prints 200 and image/…; the firewall's log may show what else it turned away.",
    ),
}
"""The codes that whoever runs the host can mend."""

CODES = frozenset(_WORDS)

_ONE_BY_ONE = frozenset({_C.HTTP_NOT_FOUND, _C.NOT_AN_IMAGE, _C.IMAGE_EMPTY, _C.IMAGE_TRUNCATED})
"""What is wrong with single files, so that each has to be named."""
_MOST_NAMED = 25
"""Addresses in a letter; more make it too long to be read."""


def letter(host: str, address: tuple[str, int], troubles: Sequence[Trouble]) -> str:
    """A text of a few paragraphs in plain words.

    Args:
        host: the host's name, with the port where that is not the usual one.
        address: its name and port.
        troubles: what is wrong there, at least one, the gravest first.
    """
    trouble, *others = troubles
    words, urls = _WORDS[trouble.code], [_without_user(url) for url in trouble.urls[:_MOST_NAMED]]
    places = _places(address, urls[0])
    parts = [
        "Hello,",
        _opening(host, address[0], trouble, urls),
        f"What is wrong: {trouble.words}\n{words.meaning}",
        words.please.format(**places),
        f"To see that it is done:\n{words.command.format(**places)}\n{words.end}",
        *(_besides(other, address) for other in others),
        "Thank you",
    ]
    return "\n\n".join(parts)


def _opening(host: str, name: str, trouble: Trouble, urls: Sequence[str]) -> str:
    """Which pictures are missing: all of them where each has to be put right by itself."""
    here = host if name in urls[0] else f"{host} (where another address redirects)"
    count = len(trouble.urls)
    if count == 1:
        return f"a picture of our shop is to come from {here}: {urls[0]}"
    these = f"pictures of our shop are to come from {here}; {count:,} do not"
    if trouble.code not in _ONE_BY_ONE:
        return f"{these}, for example {urls[0]}"
    more = f"\nand {count - len(urls):,} more; we can send you the whole list" if count > len(urls) else ""
    return "\n".join([f"{these}:", *urls]) + more


def _besides(trouble: Trouble, address: tuple[str, int]) -> str:
    """Another kind of trouble, in a few words."""
    url, count = _without_user(trouble.urls[0]), len(trouble.urls)
    please = _WORDS[trouble.code].please.format(**_places(address, url))
    where = url if count == 1 else f"{count:,} pictures there, for example {url}"
    return f"Besides: {trouble.words} That is so of {where}\n{please}"


def _places(address: tuple[str, int], url: str) -> dict[str, str]:
    """What the words leave open, as a command line needs it."""
    name, port = address
    server = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    return {"name": shlex.quote(name), "server": shlex.quote(server), "url": shlex.quote(url)}


def _without_user(url: str) -> str:
    """The address without a user's name and password, which are nobody else's business (RFC 3986, 3.2.1)."""
    return re.sub(r"(?<=//)[^/?#]*@", "", url, count=1)
