"""Which file names tell a picture: where one says nothing, a picture of the same name in the store proves nothing."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from importer.store.images import expected_name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SCRIPTS = _words(
    "php php3 php4 php5 php7 phtml asp aspx ashx asmx axd jsp jspx jspa do action cgi fcgi pl py rb cfm cfc dll exe "
    "html htm xhtml shtml svc mvc"
)
"""Endings of programs that make or choose the picture: all that they serve has the same name."""
_VIEWS = _words(
    "main primary principal principale hauptbild haupt hoofd hoofdfoto cover copertina couverture portada capa "
    "titelbild featured feature hero front back rear side left right top bottom inside outside detail details "
    "closeup angle alternate alternative additional extra other gallery galerie galleria galeria swatch packshot "
    "first second third fourth fifth vorne vorn hinten vorderseite rueckseite ruckseite seite seitlich links rechts "
    "oben unten innen aussen ansicht avant arriere devant derriere cote gauche droite dessus dessous vue frente "
    "frontal trasera atras lado lateral izquierda derecha arriba abajo vista fronte retro lato sinistra destra sopra "
    "sotto voor voorkant achter achterkant zijkant boven onder framsida baksida forside bagside przod"
)
"""Which of a product's pictures it is: such a word alone says nothing, with the number of an article it does."""
_GENERIC = _VIEWS | _words(
    # What a picture is called that nobody has named, and what programs that serve pictures are called.
    "image images img imgs imag picture pictures pict pic pics photo photos foto fotos fotografia photograph "
    "snapshot screenshot screen shot scan capture grafik bild bilder abbildung immagine immagini imagen imagenes "
    "imagem imagens afbeelding afbeeldingen plaatje zdjecie zdjecia obraz obrazek obrazky kep kuva kuvat bilde "
    "billede billeder resim gorsel foton slika izobrazhenie kartinka gambar file files datei archivo fichier bestand "
    "asset assets media medium content data blob object item resource attachment upload uploads uploaded download "
    "downloads export temp tmp noname unnamed untitled unbenannt ohne titel sans titre sin titulo senza titolo "
    "naamloos document get fetch show view viewer display render renderer serve server handler load loader open "
    "index home page raw uc getimage getfile getimg getphoto getpicture getasset showimage viewimage loadimage "
    "imagehandler imageview displayimage thumbnailer resizer resize crop convert transform proxy cdn static default "
    "standard standaard defaut base basis slide slider "
    # In which size.
    "thumb thumbs thumbnail thumbnails tn mini small large big huge full fullsize original orig originale hires "
    "highres lowres res hd hq uhd web print preview tiny normal size sized scaled zoom zoomed gross klein mittel "
    "grande grandes petit petite moyen moyenne pequeno pequena mediano piccolo piccola medio groot x px w h "
    # What it shows, in general.
    "product products produkt produkte produit produits producto productos prodotto prodotti produto produtos "
    "artikel article articulo articolo artigo items goods sku model variant variante variation option color colour "
    "farbe couleur colore cor kleur shop store catalog catalogue katalog placeholder noimage nophoto nopicture no "
    "missing unavailable available not coming soon blank empty dummy sample example test new neu nouveau nuevo copy "
    "kopie copie copia final edit edited version v rev nr num number"
)
"""Words that no picture is told by, without accents: a name of these and of numbers alone says nothing."""
_ARTICLE = re.compile(r"(?<![\dx])[1-9]\d{3,}(?![\dx])")
"""A number that may be an article's, rather than a counter's or one of the two of a size such as 1024x768."""
_CAMERAS = re.compile(
    r"(?:_?(?:img|imgp|imag|mg|dsc|dscn|dscf|dsci|pict|cimg|gopr|gp|mvi|sam|sdc|hpim|kic|dji|pxl|vlc|mob)[\s_.-]*\d{3}"
    r"|p\d{7})[\s_.\-()\d]*(?:wa\d+)?[\s_.\-()\d]*"
)
"""Counters of cameras and telephones, such as IMG_0001, DSC00012, _MG_4711, P1010023, IMG-20240105-WA0003."""
_PASSING = _words(
    # Which state of the same picture it is.
    "v ver version rev revision t ts time timestamp mtime date modified updated updated_at lastmod cb cachebuster "
    "cache _ nocache bust rnd rand random etag hash md5 sha1 checksum _v _t c "
    # In which size and form it is sent.
    "w h width height size sz s wid hei scl scale dpr fit crop resize resizemode mode q ql qlt quality fm fmt format "
    "auto strip profile imwidth imheight impolicy maxwidth maxheight max maxw maxh min sw sh sm sfrm bg bgc bgcolor "
    "background pad padding trim op_sharpen op_usm resmode usm ixlib ixid cs sharp lossy webp optimize op_usm "
    "precrop preset align gravity canvas "
    # Who may have it, who asks, and how it is shown.
    "token sig signature expires expiry expiration policy key-pair-id awsaccesskeyid googleaccessid hmac auth st se "
    "sp sv sr spr skoid sktid skt ske sks skv rlkey dl raw download x-amz-algorithm x-amz-credential x-amz-date "
    "x-amz-expires x-amz-signedheaders x-amz-signature x-amz-security-token x-goog-algorithm x-goog-credential "
    "x-goog-date x-goog-expires x-goog-signedheaders x-goog-signature utm_source utm_medium utm_campaign utm_term "
    "utm_content gclid fbclid ref"
)
"""Keys of a query that do not choose another picture: caches, sizes, signatures."""
_STATE = _words("v ver version rev revision t c s hash _v _t")
"""Of these, keys that also name pictures where their value is no number or checksum."""
_NUMBER = re.compile(r"(?=.*\d)[0-9a-f.\-_:tz+ ]+")


def telling_names(urls: Iterable[str]) -> dict[str, str]:
    """The addresses whose file names tell a picture, with the name under which the store is expected to keep it.

    Left out are scripts (`get?id=1`, `image.php`), numbers (`01.jpg`), counters of cameras (`IMG_0001.jpg`), names of
    generic words alone (`main-image_large.jpg`), those where a query names the picture (`view.jpg?id=2`), and every
    name that several of the addresses share.

    Args:
        urls: all addresses of a file, as they are sent.
    """
    named: dict[str, str] = {}
    users: dict[str, int] = {}
    for url in dict.fromkeys(urls):
        name = expected_name(url)
        users[name] = users.get(name, 0) + 1
        if _tells(url, name):
            named[url] = name
    return {url: name for url, name in named.items() if users[name] == 1}


def _tells(url: str, name: str) -> bool:
    """Whether an address names a picture so that another one of its product would hardly have the same name."""
    # The store keeps nothing of other alphabets but how many letters there were.
    if not re.search("[a-z]", name):
        return False
    parts = urlsplit(url)
    file = PurePosixPath(unquote(parts.path).rpartition("/")[2])
    query = parse_qsl(parts.query, keep_blank_values=True)
    if file.suffix[1:].lower() in _SCRIPTS or not all(_passes(key.lower(), value.lower()) for key, value in query):
        return False
    stem = _without_accents(file.stem)
    words = set(re.findall(r"[^\W\d_]+", stem))
    if _CAMERAS.fullmatch(stem):
        return False
    return not words <= _GENERIC or bool(words & _VIEWS and _ARTICLE.search(stem))


def _passes(key: str, value: str) -> bool:
    """Whether a part of a query leaves the picture what it is; a bare number, such as `?1612345678`, is a cache's."""
    if key in _STATE:
        return not value or bool(_NUMBER.fullmatch(value))
    return key in _PASSING or (not value and bool(re.fullmatch(r"[0-9a-f]{6,}|\d+", key)))


def _without_accents(text: str) -> str:
    if text.isascii():
        return text.casefold()
    marked = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in marked if not unicodedata.combining(letter))
