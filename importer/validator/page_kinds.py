"""Kinds of web pages that stand where a picture should be, and the words in several languages by which to tell them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageKind:
    """A kind of page: a sentence on it, its fix, and the three ways to tell it.

    `part` is all that a part of the title or the first heading says (lower case, no accents, no punctuation), `whole`
    all that the title says, for words too short to be certain otherwise; `marks` stand in no other page. `not_for_host`
    is as in `Problem`.
    """

    words: str
    fix: str
    part: str
    whole: str = ""
    marks: tuple[str, ...] = ()
    not_for_host: bool = False


_THE_PAGE = (
    r"(?:(?:the|this|that|your|requested) ){0,3}(?:web ?page|page|file or directory|file|image|picture|document|object"
    r"|resource|url)(?: you(?: requested|'re looking for| are looking for| were looking for))?"
)
_CANNOT = "(?:can't|cannot|couldn't|could not)"
MISSING = PageKind(
    "It is a “not found” page: the picture is not there, although the host answers as if it were.",
    "Correct the address, or put the picture back on its host.",
    rf"(?:{_THE_PAGE} )?(?:was )?not found|{_THE_PAGE} (?:{_CANNOT} be found|does(?:n't| not) exist)"
    rf"|we {_CANNOT} find (?:that|this|the|your) (?:page|file|image)|(?:(?:die )?seite )?konnte nicht gefunden werden"
    r"|(?:(?:(?:die|diese) )?(?:angeforderte )?(?:webseite|seite|datei|bild) (?:wurde )?)?nicht gefunden"
    r"|(?:(?:la|le|cette|ce) )?(?:page|fichier|image) (?:non trouvee?|introuvable|inexistante|n'existe pas)"
    r"|no se (?:encontro|ha encontrado|encuentra) (?:la|esta) pagina|nie znaleziono(?: (?:strony|pliku))?"
    r"|(?:(?:(?:la|esta) )?(?:pagina|archivo|imagen) )?no (?:fue )?encontrad[oa]|(?:la |esta )?pagina no existe"
    r"|(?:(?:(?:la|questa) )?(?:pagina|file|immagine) )?non trovat[oa]|pagina (?:inesistente|non esiste)"
    r"|(?:(?:(?:de|deze) )?(?:pagina|bestand|afbeelding) (?:is |werd )?)?niet gevonden|(?:deze )?pagina bestaat niet"
    r"|(?:ta )?strona nie (?:istnieje|zostala znaleziona)|(?:esta )?pagina nao existe"
    r"|(?:(?:(?:a|esta) )?(?:pagina|arquivo|ficheiro|imagem) )?nao (?:foi )?encontrad[oa]",
)
LOGIN = PageKind(
    "It asks for a login or a password, which the store does not have.",
    "Ask whoever runs the host for an address that opens without a login, or put the picture on a public web host.",
    r"(?:(?:please|customer|member|client|partner|user|admin) )?(?:log ?in|sign ?in|log ?on)(?: page| required)?"
    r"|(?:log|sign) in (?:to|with) (?:your|my|our) [\w ]{1,40}|(?:authentication|password) required"
    r"|(?:bitte )?(?:anmelden|einloggen)|anmeldung|kunden ?login|melden sie sich an|se connecter|connectez vous"
    r"|identifiez vous|s'identifier|iniciar sesion|inicio de sesion|inici[ae] sesion|accedi|area riservata"
    r"|effettua (?:l'accesso|il login)|inloggen|aanmelden|zaloguj(?: sie)?|logowanie|iniciar sessao|fazer login",
    r"connexion|identification|acceder|acceso|accesso|entrar",
)
KINDS = (
    PageKind(
        "It asks whether the visitor is human, which the store cannot answer.",
        "Ask whoever runs the host to let BigCommerce's servers in without this question, or use another host.",
        r"attention required|are you (?:a )?(?:human|robot)|robot check|pardon our interruption|human verification"
        r"|(?:please )?(?:verify|confirm|making sure) (?:that )?you(?:'re| are) (?:human|not a (?:bot|robot))"
        r"|checking your browser(?: before accessing [\w ]{1,60})?|ddos guard",
        r"just a moment|one moment please|you are being redirected|captcha|security check",
        ("_cf_chl_opt", "incapsula incident id", "_resource?cwudnsai", "px-captcha", "captcha-delivery.com"),
    ),
    LOGIN,
    PageKind(
        "It says that the site is closed, suspended or for sale.",
        "The pictures need a new home: put them on another web host and use the addresses there.",
        r"(?:this )?(?:account|website|site|domain)(?: has been| is)? (?:suspended|expired|parked)|parked domain"
        r"|(?:this )?domain (?:name )?(?:is |may be )?for sale|[\w ]{1,60} (?:com|net|org|shop|de|eu|uk) is for sale"
        r"|(?:this|our) (?:shop|store) is (?:currently )?(?:unavailable|closed)",
        marks=("sedoparking.com", "parkingcrew.net", "window.lander_system", "hugedomains.com/domain_profile"),
        not_for_host=True,
    ),
    PageKind(
        "It says that the site is not open at the moment.",
        "Run the check again when the site is back.",
        r"(?:(?:(?:the|this|our) )?(?:web)?(?:site|shop|store) (?:is )?)?(?:currently )?(?:under|down for) maintenance"
        r"|(?:scheduled|site) maintenance|maintenance mode|we(?:'ll| will) be back soon|opening soon"
        r"|(?:service )?(?:temporarily )?unavailable|wartungs(?:arbeiten|modus)|(?:site )?en maintenance"
        r"|(?:sitio )?en mantenimiento|(?:sito )?in manutenzione|in onderhoud|przerwa techniczna|em manutencao",
        r"maintenance|wartung|mantenimiento|manutenzione|onderhoud|manutencao|coming soon",
        not_for_host=True,
    ),
    PageKind(
        "It asks visitors to agree to something first (cookies, or their age).",
        "Ask whoever runs the host for an address that shows the picture at once, or use another host.",
        r"before you continue(?: to [\w ]{1,40})?|bevor sie fortfahren|avant de continuer|antes de continuar"
        r"|prima di continuare|voordat (?:je|u) (?:verdergaat|doorgaat)|(?:cookie|privacy) (?:consent|gate)"
        r"|age (?:verification|check|gate)|verify your age",
    ),
)
