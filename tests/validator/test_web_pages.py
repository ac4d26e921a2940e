"""A web page where a picture should be is told by its kind, and the way to the picture is named where it is known."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.addresses import Address, parse_address
from importer.settings import MAX_URL_LENGTH
from importer.validator.web_pages import is_web_page, shared_link, web_page_problem

MUG = "https://shop.example/media/mug.jpg"
LOGIN = "asks for a login or a password"
MISSING = "“not found” page"
HUMAN = "whether the visitor is human"
CLOSED = "closed, suspended or for sale"
SHUT = "not open at the moment"
AGREE = "agree to something"
KINDS = (LOGIN, MISSING, HUMAN, CLOSED, SHUT, AGREE, "share page", "download page", "around the picture")


def page(title: str, body: str = "", head: str = "") -> bytes:
    text = f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>{head}</head>\n'
    return f"{text}<body>{body}</body></html>".encode()


def judged(html: bytes, url: str = MUG, asked: str = "") -> tuple[str, str]:
    problem = web_page_problem(html, url, asked or url)
    assert problem.code == "not_an_image"
    return problem.detail, problem.fix


def listed(text: str) -> list[str]:
    return re.split(r" ~ |\n +", text)


FORM = (
    '<form method="post" action="/session"><label>E-mail <input name="mail"></label>'
    '<label>Password <input name="p" type="password"></label><button>Go</button></form>'
)
TITLES = {
    MISSING: """404 Not Found ~ Error 404 (Not Found)!!1 ~ 404 - File or directory not found. ~ 404 ~ Object not found!
        Page not found &ndash; Hearth &amp; Home ~ Seite nicht gefunden | Steingut ~ Page introuvable - Maison
        Fehler 404: Die Seite konnte nicht gefunden werden ~ Oops, page non trouv&eacute;e ~ Pagina non trovata » Cucina
        Página no encontrada • Cocina ~ Pagina niet gevonden | Keuken ~ Nie znaleziono strony &ndash; Kuchnia
        Página não encontrada | Cozinha ~ Strona nie została znaleziona ~ This page doesn&rsquo;t exist""",
    LOGIN: """Log in ~ Customer Login | Hearth ~ Sign in to your account ~ Anmelden &ndash; Steingut ~ Accedi | Cucina
        Se connecter | Maison ~ Iniciar sesión - Cocina ~ Inloggen - Keuken ~ Zaloguj się | Kuchnia ~ Connexion
        Iniciar sessão - Cozinha""",
    HUMAN: "Just a moment... ~ Attention Required! | Cloudflare ~ Robot Check ~ Making sure you&rsquo;re not a bot!",
    CLOSED: "Account Suspended ~ oldshop.com is for sale | Names ~ This shop is currently unavailable",
    SHUT: """Site under maintenance ~ Hearth &ndash; We&rsquo;ll be back soon! ~ Wartungsarbeiten | Steingut
        Coming soon""",
    AGREE: "Before you continue to Google Search ~ Age verification | Cellar",
}
BODIES = [
    ("Hearth &amp; Home", "<h1 class='big'>The page you are looking for\n can&rsquo;t be found</h1>", MISSING),
    ("404 | Hearth", "<h1>404</h1>", MISSING),
    ("Partner portal", FORM, LOGIN),
    ("shop.example", "<script>(function(){window._cf_chl_opt = {};}())</script>", HUMAN),
    ("", "<iframe>Request unsuccessful. Incapsula incident ID: 443-1</iframe>", HUMAN),
    ("Access to this page has been denied", '<div id="px-captcha"></div>', HUMAN),
    ("shop.example", "<script>var dd={'rt':'c','host':'geo.captcha-delivery.com'}</script>", HUMAN),
    ("oldshop.example", "<script src='//img.sedoparking.com/park.js'></script>", CLOSED),
    ("Hearth", "<h1>This shop is currently unavailable</h1>", CLOSED),
]
PAGES = [
    *BODIES,
    *((title, "", words) for words, titles in TITLES.items() for title in listed(titles)),
]


PRODUCTS = """404 area code mug | Hearth ~ Peugeot 404 | Garage ~ Lost and Not Found: a novel ~ The login mug - Office
    Sign in bronze | Brass & Co ~ Connexion RJ45 | Câbles ~ Chain lube | Maintenance | Bikes ~ Old house is for sale
    Are you human? T-shirt ~ Captcha the Flag poster ~ Just a moment | Posters"""
LOGINS = """https://shop.example/login?next=%2Fmug.jpg ~ https://shop.example/users/sign_in ~ https://acme.okta.com/mug
    https://shop.example/wp-login.php ~ https://accounts.google.com/v3/start"""
OTHERS = """https://shop.example/media/mug.jpg ~ https://notdropbox.com/s/a1/mug.jpg ~ https://en.wikipedia.org/wiki/Mug
    https://dropbox.com.example/s/a1/mug.jpg ~ https://i.imgur.com/AbCd.jpg ~ https://shop.example/s/yxcFKRWBJqYYzp4
    https://upload.wikimedia.org/a/ab/Mug.jpg ~ https://cloud.example/index.php/s/yxcFKRWBJqYYzp4/download"""


@pytest.mark.parametrize(("title", "body", "words"), PAGES)
def test_a_page_is_told_by_what_it_says_of_itself_and_nothing_else_is_claimed(
    title: str, body: str, words: str
) -> None:
    detail, fix = judged(page(title, body))
    assert [kind for kind in KINDS if kind in detail] == [words]
    assert fix != judged(page("Mugs"))[1]


@pytest.mark.parametrize("title", listed(PRODUCTS))
def test_a_product_with_such_words_in_its_name_gets_no_hint(title: str) -> None:
    heading = title.split(" | ", maxsplit=1)[0]
    assert not [kind for kind in KINDS if kind in judged(page(title, f"<h1>{heading}</h1>"))[0]]


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Steel bottle", FORM + "<a href='/x'>x</a>" * 30),
        ("Steel bottle", '<script type="application/ld+json">{"@type": "Product"}</script>' + FORM),
        ("Steel bottle", "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"),
        ("Steel bottle", "<script src='/_Incapsula_Resource?SWJIYLWA=719d'></script>"),
        ("Steel bottle", "<script src='https://js.datadome.co/tags.js'></script>"),
        ("Steel bottle", "<a href='/login'>Log in</a><p>Page not found? Tell us.</p>"),
        ("", ""),
    ],
)
def test_an_ordinary_page_gets_no_hint_whatever_stands_in_it(title: str, body: str) -> None:
    detail, fix = judged(page(title, body))
    assert detail.endswith(", not a picture.")
    assert fix == "Open the address in a browser and copy the address of the picture itself."


@pytest.mark.parametrize("url", listed(LOGINS))
def test_a_redirect_to_a_login_is_a_login_page_whatever_the_page_says(url: str) -> None:
    assert LOGIN in judged(page("Hearth & Home"), url, MUG)[0]


@pytest.mark.parametrize("url", ["https://shop.example/sign-in-board/", "https://shop.example/loginov/mug"])
def test_a_redirect_to_a_product_with_such_a_name_is_not(url: str) -> None:
    assert LOGIN not in judged(page("Hearth & Home"), url, MUG)[0]


DIRECT = """
    Dropbox https://www.dropbox.com/scl/fi/a1b2/mug.jpg?rlkey=k9&st=x&dl=0
        https://www.dropbox.com/scl/fi/a1b2/mug.jpg?raw=1&rlkey=k9&st=x
    Dropbox https://www.dropbox.com/s/a1b2/mug.jpg
        https://www.dropbox.com/s/a1b2/mug.jpg?raw=1
    Google_Drive https://drive.google.com/file/d/1AbC-dEf_GhIjKlMn/view?usp=sharing
        https://drive.google.com/uc?export=download&id=1AbC-dEf_GhIjKlMn
    Google_Drive https://drive.google.com/open?usp=drive&id=1AbC-dEf_GhIjKlMn
        https://drive.google.com/uc?export=download&id=1AbC-dEf_GhIjKlMn
    Google_Drive https://drive.google.com/file/u/0/d/0AbC-dEf_GhIjKlMn/view?resourcekey=0-xyz
        https://drive.google.com/uc?export=download&id=0AbC-dEf_GhIjKlMn&resourcekey=0-xyz
    SharePoint https://acme-my.sharepoint.com/:i:/g/personal/ann_acme/EaBcD?web=1&e=q7
        https://acme-my.sharepoint.com/:i:/g/personal/ann_acme/EaBcD?download=1&e=q7
    Nextcloud_or_ownCloud https://cloud.example/index.php/s/yxcFKRWBJqYYzp4
        https://cloud.example/index.php/s/yxcFKRWBJqYYzp4/download
    Nextcloud_or_ownCloud http://user:secret@cloud.example:8080/nc/index.php/s/yxcFKRWBJqYYzp4/?x=1
        http://cloud.example:8080/nc/index.php/s/yxcFKRWBJqYYzp4/download
    Wikimedia https://de.wikipedia.org/wiki/Datei:T%C3%B6pfer_(1).jpg
        https://de.wikipedia.org/wiki/Special:FilePath/T%C3%B6pfer_(1).jpg
"""
NO_DIRECT = """
    Dropbox https://www.dropbox.com/s/a1b2/mug.jpg?dl=1
    Dropbox https://www.dropbox.com/scl/fi/a1b2/mug.jpg?rlkey=k9&raw=1
    Dropbox https://www.dropbox.com/scl/fo/a1b2/folder?rlkey=k9&dl=0
    Google_Drive https://drive.google.com/uc?export=download&id=1AbC-dEf_GhIjKlMn
    Google_Drive https://drive.google.com/drive/folders/1AbC-dEf_GhIjKlMn
    SharePoint https://acme.sharepoint.com/:i:/r/sites/shop/mug.png?csf=1
    SharePoint https://acme.sharepoint.com/:f:/s/shop/EaBcD?e=q7
    SharePoint https://acme.sharepoint.com/:i:/s/shop/EaBcD?e=q7&download=1  OneDrive https://1drv.ms/i/s!AbCdEf
    OneDrive https://onedrive.live.com/?cid=1&id=1%2112&authkey=x  Google_Photos https://photos.app.goo.gl/AbCdEf
    WeTransfer https://we.tl/t-AbCdEf  Box https://acme.app.box.com/s/abcdef
    iCloud https://share.icloud.com/photos/0abc  MEGA https://mega.nz/file/AbCd
    pCloud https://u.pcloud.link/publink/show?code=X  Canva https://www.canva.com/design/DAF/view
    Imgur https://imgur.com/a/AbCd  Flickr https://www.flickr.com/photos/ann/123/  ImgBB https://ibb.co/AbCd
    Postimages https://postimg.cc/AbCd  Pinterest https://www.pinterest.com/pin/12/
"""
SHARES = [
    *(re.findall(r"(\w+) (\S+)\n +(\S+)", DIRECT)),
    *((service, asked, "") for service, asked in re.findall(r"(\w+) (\S+)", NO_DIRECT)),
]


@pytest.mark.parametrize(("service", "asked", "direct"), SHARES)
def test_a_share_page_is_told_by_its_host_and_the_fix_holds_the_direct_address(
    service: str, asked: str, direct: str
) -> None:
    detail, fix = judged(page("mug.jpg"), asked)
    assert re.search(rf"It is a (share page|download page|page) of {service.replace('_', ' ')}[ ,]", detail)
    link = shared_link(asked)
    assert link is not None
    assert (link.direct, link.fix) == (direct, fix)
    if direct:
        assert fix.endswith(f": {direct}")
        address = parse_address(direct, MAX_URL_LENGTH)
        assert isinstance(address, Address)
        assert address.url == direct
    else:
        assert "web host" in fix or "Copy image address" in fix


def test_the_fix_for_google_drive_says_that_it_may_refuse_downloads_and_nobody_there_is_asked() -> None:
    link = "https://drive.google.com/file/d/1AbC-dEf_GhIjKlMn/view"
    assert "may refuse many downloads" in judged(page("mug.jpg - Google Drive"), link)[1]
    assert [web_page_problem(page("mug.jpg"), url, url).not_for_host for url in (link, MUG)] == [True, False]


def test_a_direct_address_that_is_too_long_for_the_store_is_not_advised() -> None:
    longest = f"https://www.dropbox.com/s/{'a' * (MAX_URL_LENGTH - 32)}"
    link, longer = shared_link(longest), shared_link(longest + "a")
    assert link is not None
    assert len(link.direct) == MAX_URL_LENGTH
    assert longer is not None
    assert longer.direct == ""
    assert "web host" in longer.fix


@pytest.mark.parametrize("url", listed(OTHERS))
def test_other_addresses_are_no_shared_links(url: str) -> None:
    assert shared_link(url) is None


@pytest.mark.parametrize("head", ["<meta data-requesttoken='x'>", '<meta property="og:site_name" content="Nextcloud">'])
def test_a_nextcloud_without_index_php_is_told_by_its_page(head: str) -> None:
    asked = "https://files.example/s/yxcFKRWBJqYYzp4"
    assert judged(page("mug.jpg", head=head), asked)[1].endswith(f": {asked}/download")
    assert "share page" not in judged(page("mug.jpg"), asked)[0]


@pytest.mark.parametrize("url", ["https://accounts.google.com/start", "https://login.microsoftonline.com/common"])
def test_a_share_link_that_leads_to_a_login_is_still_the_service_and_names_the_login(url: str) -> None:
    detail, fix = judged(page("Welcome"), url, "https://acme.sharepoint.com/:i:/s/shop/EaBcD")
    assert "share page of SharePoint" in detail
    assert LOGIN in detail
    assert "“Anyone with the link”" in fix


def test_a_short_link_is_told_by_where_it_leads() -> None:
    fix = judged(page("mug.jpg"), "https://www.dropbox.com/s/a1/mug.jpg?dl=0", "https://short.example/m")[1]
    assert fix.endswith("https://www.dropbox.com/s/a1/mug.jpg?raw=1")


def test_a_share_page_that_says_not_found_is_a_missing_file_because_no_other_address_helps() -> None:
    detail, fix = judged(page("404: Page not found &ndash; Dropbox"), "https://www.dropbox.com/s/a1/mug.jpg")
    assert MISSING in detail
    assert "raw=1" not in fix


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Mugs &amp; more &mdash; Jos&eacute;", " (titled “Mugs & more — José”)"),
        ("\n  Our\tfavourite&nbsp;\r\n mugs ", " (titled “Our favourite mugs”)"),
        ("Mu\x00g\x1b[31ms\u202e", " (titled “Mug[31ms”)"),
        ("Mugs <b>now</b>", " (titled “Mugs now”)"),
        ("x" * 80, f" (titled “{'x' * 80}”)"),
        ("x" * 81, f" (titled “{'x' * 79}…”)"),
        (" &#8203; ", ""),
        ("x" * 5_000, ""),
    ],
)
def test_the_title_is_shown_as_one_short_line(title: str, shown: str) -> None:
    assert judged(page(title))[0] == f"There is a web page at this address{shown}, not a picture."


def test_a_title_in_another_encoding_is_shown_as_far_as_it_can_be_read() -> None:
    assert "“Caf\ufffd mugs”" in judged("<html><title>Café mugs</title>".encode("latin-1"))[0]


XHTML = b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">'


@pytest.mark.parametrize("start", [b"<!DOCTYPE html>", b"\xef\xbb\xbf\n <HTML lang=en>", b"<!--a--><!--b--><p>", XHTML])
def test_a_web_page_is_told_by_its_first_tag(start: bytes) -> None:
    assert is_web_page(start + b"\n<p>mugs</p>")


@pytest.mark.parametrize("start", [b"", b"<svg>", b"<?xml version='1.0'?><rss>", b"<!-- a", b"<htmlx>", b"\xff\xd8"])
def test_other_files_are_no_web_pages(start: bytes) -> None:
    assert not is_web_page(start)


LONG_TITLE = b"<title>not found " + b"the " * 200 + b"</title>"
HOSTILE = [
    *((b"", again) for again in (b"<!--", b"<!---->", b"<!-- --> ", b"<?xml", b" ", b"<title", b"<title>")),
    *((b"<html>", again) for again in (b"<input type ", b'"@type" ', b"<title>&#", b"<a ")),
    *((b"<html><input ", again) for again in (b"type = ", b" type", b"  ")),
    *((LONG_TITLE, again) for again in (b"<h1 ", b"<h1>", b"9")),
    (b"<title>&#" + b"9" * 990 + b"</title>", b"9"),
    (b"<title>", "\ufdfa".encode()),
]


@pytest.mark.parametrize(("start", "again"), HOSTILE)
def test_hostile_bytes_and_addresses_are_judged_at_once(start: bytes, again: bytes) -> None:
    start = (start + again * 65_536)[:65_536]
    began = time.perf_counter()
    is_web_page(start)
    web_page_problem(start, f"https://www.dropbox.com/s/{'a/' * 4_000}?dl=1", f"https://files.example/{'s/' * 4_000}")
    web_page_problem(start, MUG, MUG)
    assert time.perf_counter() - began < 1


SNIPPETS = st.sampled_from([b"<title>", b"</title>", b"<h1>", b"</h1", b"<!--", b"-->", b"&#x", b"<input", b"404"])


@given(st.lists(st.one_of(SNIPPETS, st.binary(max_size=20)), max_size=40).map(b"".join))
def test_any_bytes_make_one_readable_line(start: bytes) -> None:
    detail, fix = judged(start)
    is_web_page(start)
    assert detail.isprintable()
    assert len(detail) < 400
    assert fix
