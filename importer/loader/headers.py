"""What a header means: names are compared without case, accents, spaces and punctuation, in many languages.

A header is an image column only if every part of it is a word of this vocabulary, so `Image URL 3` and `Haupt-Bild` are
and `Image ID`, `BIS Certificate Image URL` and `Download 1 URL` are not.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache


@lru_cache(maxsize=4096)
def squash(header: str) -> str:
    """`  Image_URL `, `image-url` and `ImageUrl` are one name; so are `Référence` and `reference`."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    return "".join(character for character in plain if character.isalnum())


_REMARK = re.compile(r"\(([^()]*)\)")


def spellings(header: str) -> tuple[str, ...]:
    """The squashed name, and those without and of a remark: `SKU (required)` and `Custom label (SKU)` are SKUs."""
    whole = squash(header)
    if "(" not in header:
        return (whole,)
    remark = _REMARK.search(header)
    others = [squash(_REMARK.sub(" ", header)), squash(remark[1]) if remark else ""]
    return (whole, *(name for name in others if name))


def _names(text: str) -> tuple[str, ...]:
    return tuple(squash(name) for name in text.split(","))


PRODUCT_ID_NAMES: tuple[tuple[str, ...], ...] = (
    _names("BigCommerce Product ID,BC Product ID,BigCommerce ID,BC ID"),
    _names(
        "Product ID,Product Entity ID,Produkt-ID,ID produit,Identifiant produit,ID producto,ID del producto,"
        "ID prodotto,"
        "ID do produto,ID produto,Product-ID,Produktid,ID produktu,Tuote-ID,ID товара,Код товара ID"
    ),
)
"""Names of BigCommerce's own product id, the most telling first; names on one line are equally good."""

SKU_NAMES: tuple[tuple[str, ...], ...] = (
    _names("SKU,Product SKU,Product Code/SKU,SKU Code,SKU Number,SKU No,Code SKU,SKU-Nummer,SKU ID,Item SKU"),
    _names("Variant SKU,Varianten-SKU,SKU variante"),
    _names(
        "Product Code,Item Code,Item Number,Item No,Item #,Article Number,Article No,Article Code,Stock Code,"
        "Style Number,"
        "Part Number,Part No,Partnumber,Part #,Model Number,Model No,Model #,Model,Catalog Number,Catalogue Number,"
        "Product Number,Product No,Vendor SKU,Vendor SKU Code,Merchant SKU,Custom Label,Style No,UGS,"
        "Retailer ID,Internal Reference,Reference,Reference #,Product Reference,Item Reference,"
        "Artikelnummer,Artikel-Nr,Artikelnr,Art.-Nr.,Art. Nr,Artikelcode,Bestellnummer,Bestell-Nr,Produktnummer,"
        "Produktcode,"
        "Référence,Référence n°,Référence produit,Réf,Réf. produit,Code produit,Code article,Référence article,"
        "Referencia,Referencia producto,Código,Código de producto,Código de artículo,Código producto,Ref,"
        "Codice,Codice articolo,Codice prodotto,Riferimento,"
        "Referência,Código do produto,Código do artigo,"
        "Artikelnummer,Productcode,Productnummer,Bestelnummer,"
        "Varenummer,Varenr,Artikkelnummer,Produktnr,Tuotenumero,Tuotekoodi,"
        "Indeks,Kod produktu,Symbol produktu,Numer katalogowy,Kód produktu,Kód,Kód zboží,Katalogové číslo,"
        "Cikkszám,Cod produs,Артикул,Артикул товара,"
        "Артикул товару,Код товара,Код товару,Код,Κωδικός,Ürün kodu,Stok kodu,"
        "商品番号,货号,商品编码"
    ),
)
"""Names of a SKU, the most telling first."""

DESCRIPTION_NAMES = _names(
    "Image Description,Image Alt Text,Image Alt,Alt Text,Alt,Alt Tag,Alternative Text,Picture Description,Photo "
    "Description,Image Alt Tag,Alternativtext,Bildbeschreibung,Bild-Alternativtext,Texte alternatif,Texte alt,"
    "Description de l'image,Texto alternativo,Texto alt,Descripción de la imagen,Testo alternativo,Testo alt,"
    "Descrizione immagine,Descrição da imagem,Alt-tekst,Alternatieve tekst,Afbeelding beschrijving,Alttext,"
    "Tekst alternatywny,Alternativní text,Alt текст,Описание изображения,Image Caption,Caption,Image Label,Image Title"
)
SORT_ORDER_NAMES = _names(
    "Image Sort Order,Image Position,Image Sort,Image Order,Picture Position,Photo Position,Bildposition,"
    "Bild-Reihenfolge,Position de l'image,Posición de la imagen,Posizione immagine,Image Sequence,Image Rank"
)
IS_THUMBNAIL_NAMES = _names(
    "Is Thumbnail,Image is Thumbnail,Thumbnail,Is Main,Is Main Image,Is Primary,Is Default,Is Default Image,"
    "Is Cover,Cover,Ist Hauptbild,Vorschaubild,Principal"
)
LOOSE_DESCRIPTION_NAMES = _names(
    "Description,Beschreibung,Descripción,Descrizione,Descrição,Beschrijving,Opis,Popis,Описание"
)
LOOSE_SORT_ORDER_NAMES = _names(
    "Sort Order,Position,Sort,Order,Sortierung,Reihenfolge,Ordre,Orden,Ordine,Ordem,Volgorde,Kolejność,Pořadí,Порядок"
)
"""Names that mean the picture in a sheet of pictures, but the product in a sheet of products."""

_PRODUCT_SHEET = re.compile(
    "(?:price|weight|stock|inventory|quantity|qty|categor|bodyhtml|pagetitle|metadescription|brand|barcode|availability"
    "|preis|gewicht|bestand|kategorie|prix|poids|precio|peso|prezzo|prijs|voorraad|cena|цена|ціна|назва|название|наименование|остаток|залишок)"
)

IDENTIFIER_NAMES = frozenset(
    _names(
        "ID,Item ID,Artikel-ID,Number,No,Nr,#,Handle,URL Handle,Slug,Parent,Parent SKU,Item Group ID,GTIN,EAN,UPC,"
        "ISBN,Barcode,MPN,Variant ID,Entity ID,Supplier Reference #,Code,Item,"
        "Artikel,Article,Produit,Produkt"
    )
)
"""What may name a product in the person's own world, but is never taken for an id or a SKU without a word from them."""


def _alternatives(text: str) -> str:
    return "|".join(sorted({squash(word) for word in text.split(",")}, key=len, reverse=True))


_IMAGE = _alternatives(
    "image,images,img,imgs,picture,pictures,pic,pics,photo,photos,photograph,photographs,"
    "bild,bilder,produktbild,produktbilder,artikelbild,foto,fotos,imagen,imágenes,immagine,immagini,imagem,imagens,"
    "afbeelding,afbeeldingen,billede,billeder,bilde,kuva,kuvat,zdjęcie,zdjęcia,obrazek,obraz,obrázek,obrázky,fotka,kép,képek,"
    "imagine,imagini,resim,görsel,εικόνα,изображение,изображения,картинка,картинки,фото,фотография,фотографии,зображення,світлина,画像,图片,圖片,"
    "gallery,galleries,galerie,galería,galleria,galeria"
)
USUAL_IMAGE_NAMES = _names(
    "Image URL,Image,Images,Image URLs,Image Link,Image Links,Image Src,Image Source,Image Address,Image File,"
    "Image Path,Main Image,Main Image URL,Product Image,Product Images,Product Image URL,Picture,Pictures,Picture URL,"
    "Picture Link,Photo,Photos,Photo URL,Photo Link,Bild,Bilder,Bild-URL,Bildlink,Bildadresse,Produktbild,"
    "Produktbild-URL,Foto,Fotos,URL de l'image,Lien image,Imagen,Imágenes,URL de la imagen,Immagine,Immagini,"
    "URL immagine,Imagem,Afbeelding"
)
"""Image columns as they are usually called, the commonest first: what a mistyped header may have been meant to be."""
_GALLERY = _alternatives("gallery,galleries,galerie,galería,galleria,galeria")
_WEAK_IMAGE = _alternatives("media,asset,assets")
_LINK = _alternatives(
    "url,urls,uri,link,links,src,source,address,href,http,https,web,adresse,lien,liens,enlace,enlaces,collegamento,indirizzo,"
    "endereço,adres,adresa,ссылка,ссылки,адрес,посилання,путь,шлях,file,filename,path,pfad,datei,chemin,fichier,ruta,percorso,location"
)
_MAIN = _alternatives(
    "main,primary,default,base,featured,feature,cover,hero,haupt,principale,principal,principale,hoofd,główne,hlavní,"
    "основное,главное,головне,основне,large,full,original,zoom,hires,big"
)
_EXTRA = _alternatives(
    "additional,extra,other,others,more,secondary,alternate,alternative,zusatz,zusätzliche,weitere,supplémentaire,"
    "supplémentaires,autres,adicional,adicionales,aggiuntiva,aggiuntive,adicionais,extra's,dodatkowe,další,"
    "дополнительные,дополнительное,додаткові,додаткове,front,back,side,top,bottom,left,right,rear,detail,inside,lifestyle,hover,"
    "first,second,third,fourth,fifth,sixth,variant,variants,variante,varianten"
)
_FILLER = _alternatives(
    "product,products,item,items,article,artikel,produkt,produit,prodotto,producto,produto,product's,g,the,of,de,du,des,la,"
    "le,les,del,della,di,do,da,der,des,zum,von,na,на,к,до,to,for,input,hosted,public,full,online,remote,list,liste,товара,товару,no,nr"
)
_WORDS = re.compile(
    f"(?P<image>{_IMAGE})|(?P<weak>{_WEAK_IMAGE})|(?P<link>{_LINK})|(?P<main>{_MAIN})|(?P<extra>{_EXTRA})|(?P<filler>{_FILLER})"
)
_ALL_WORDS = re.compile(
    f"(?:{_IMAGE}|{_WEAK_IMAGE}|{_LINK}|{_MAIN}|{_EXTRA}|{_FILLER})*(?:{_IMAGE}|{_WEAK_IMAGE})"
    f"(?:{_IMAGE}|{_WEAK_IMAGE}|{_LINK}|{_MAIN}|{_EXTRA}|{_FILLER})*"
)
_NUMBER = re.compile(r"\d+")
_SHORTEST_ABOUT = 3
_LONGEST_NAME = 60
_LINK_RANKS = ("url", "uri", "link", "lien", "enlace", "src", "href", "address")
_FILE_RANKS = ("path", "file", "filename")


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """A header that names pictures.

    Attributes:
        number: of a numbered family, such as 3 for `Image 3`; None where it has none.
        extra: whether it names more pictures beside a main one, such as `Gallery` or `Back image`.
        rank: how likely the cells are whole addresses, 0 best: `Image URL` before `Image` before `Image File`.
    """

    number: int | None
    extra: bool
    rank: int


@lru_cache(maxsize=4096)
def image_header(header: str) -> ImageHeader | None:
    """What a header says of the pictures below it, or None where it does not name pictures."""
    return _image_name(squash(header)) or _image_name(squash(_REMARK.sub(" ", header)))


def _image_name(name: str) -> ImageHeader | None:
    numbers = _NUMBER.findall(name)
    if len(numbers) > 1 or len(name) > _LONGEST_NAME:
        return None
    words = _NUMBER.sub("", name)
    if not _ALL_WORDS.fullmatch(words):
        return None
    kinds = {match.lastgroup for match in _WORDS.finditer(words)}
    if "image" not in kinds and "link" in kinds and "weak" not in kinds:
        return None
    rank = 1
    if any(word in words for word in _LINK_RANKS):
        rank = 0
    elif any(word in words for word in _FILE_RANKS):
        rank = 2
    number = int(numbers[0]) if numbers and len(numbers[0]) <= 3 else None
    extra = ("extra" in kinds and "main" not in kinds) or re.search(_GALLERY, words) is not None
    return ImageHeader(number, extra, rank + 3 * ("image" not in kinds))


def is_product_sheet(headers: Iterable[str]) -> bool:
    """Whether the columns describe products, so that `Description` is the product's and not the picture's."""
    return any(_PRODUCT_SHEET.search(squash(header)) for header in headers)


def says_bigcommerce(header: str) -> bool:
    """Whether a header says itself that the product ids below it are BigCommerce's."""
    return any(name in PRODUCT_ID_NAMES[0] for name in spellings(header))


def companion(header: str, names: Sequence[str]) -> tuple[bool, int | None]:
    """Whether a header is one of the names, once a number is left out, and that number: `Alt Text 2` is (True, 2).

    Words for a picture may stand around the name, as in `Main Image Alt` or `Alt text for image 1`.
    """
    for name in spellings(header):
        if name in names:
            return True, None
        numbers = _NUMBER.findall(name)
        rest = _NUMBER.sub("", name) if len(numbers) == 1 else name
        if len(numbers) <= 1 and (rest in names or any(_is_about(rest, one) for one in names)):
            return True, int(numbers[0]) if numbers else None
    return False, None


def _is_about(name: str, about: str) -> bool:
    """Whether a name is another one with only words for pictures around it."""
    if not _SHORTEST_ABOUT <= len(about) <= len(name) <= _LONGEST_NAME or about not in name:
        return False
    before, _, after = name.partition(about)
    words = f"(?:{_IMAGE}|{_MAIN}|{_EXTRA}|{_FILLER})*"
    return re.fullmatch(words, before) is not None and re.fullmatch(words, after) is not None
