"""Names that exports give to the fields of a post, in seven languages, and how a column's name is compared with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

NAMES: Mapping[str, tuple[str, ...]] = {
    "post_id": (
        "id", "uid", "guid", "uuid", "id str", "shortcode", "short code", "nr", "no", "number",
        "kennung", "nummer", "identifiant", "identificador", "identificativo", "identificatore",
    ),
    "text": (
        "full text", "raw content", "self text", "selftext", "text", "texts", "body", "content", "message", "caption",
        "copy", "hit sentence", "status", "description", "rendered content", "transcript", "opening text",
        "content text", "text content", "plain text", "sentence", "review", "comment", "quote", "question",
        "subject", "headline", "title", "tweet", "post", "snippet", "abstract",
        "inhalt", "beitrag", "beitragstext", "nachricht", "nachrichtentext", "kommentar", "bildunterschrift",
        "beschreibung", "titel", "volltext", "wortlaut",
        "texte", "contenu", "legende", "publication", "commentaire", "texte integral", "titre",
        "texto", "contenido", "mensaje", "publicacion", "leyenda", "descripcion", "comentario", "titulo",
        "conteudo", "mensagem", "legenda", "publicacao", "postagem", "descricao", "texto completo",
        "testo", "contenuto", "messaggio", "didascalia", "descrizione", "commento", "titolo",
        "tekst", "inhoud", "bericht", "bijschrift", "omschrijving", "berichttekst", "reactie",
    ),
    "author": (
        "screen name", "username", "user name", "handle", "acct", "unique id", "nickname", "login", "nick",
        "author", "user", "creator", "poster", "account", "profile", "owner", "channel", "page", "influencer",
        "display name", "full name", "from", "sender", "speaker", "writer", "posted by", "by", "name", "title",
        "autor", "autorin", "verfasser", "benutzer", "benutzername", "nutzer", "nutzername", "konto", "absender",
        "profil", "kanal", "seite", "anzeigename",
        "auteur", "utilisateur", "nom utilisateur", "compte", "expediteur", "pseudo", "chaine",
        "autora", "usuario", "nombre usuario", "cuenta", "remitente", "perfil", "canal", "pagina",
        "nome usuario", "conta", "remetente",
        "autore", "utente", "nome utente", "mittente", "profilo", "canale",
        "gebruiker", "gebruikersnaam", "afzender", "kanaal", "profiel", "schrijver",
    ),
    "created_at": (
        "created at", "created utc", "published at", "created time", "create time", "creation time", "publish time",
        "published time", "taken at", "timestamp", "unix timestamp", "timestamp utc", "datetime", "date time",
        "date utc", "time utc", "created", "published", "posted", "posted at", "posted on", "created on",
        "published on", "sent", "sent at", "date sent", "date created", "date published", "date posted",
        "publication date", "publish date", "published date", "created date", "creation date", "date", "time", "when",
        "day", "date time utc",
        "erstellt", "erstellt am", "erstelldatum", "veroffentlicht", "veroffentlicht am", "veroffentlichungsdatum",
        "datum", "zeit", "zeitpunkt", "zeitstempel", "uhrzeit", "gepostet am", "datum uhrzeit",
        "date publication", "date creation", "publie", "publie le", "cree le", "heure", "horodatage",
        "fecha", "fecha publicacion", "fecha creacion", "fecha hora", "hora", "publicado", "publicado el", "creado",
        "creado el",
        "data", "data publicacao", "data criacao", "data hora", "publicado em", "criado em", "data postagem",
        "data pubblicazione", "data creazione", "data ora", "pubblicato", "pubblicato il", "creato il", "ora",
        "datum tijd", "geplaatst", "geplaatst op", "gepubliceerd", "gepubliceerd op", "aangemaakt op", "tijd",
        "publicatiedatum", "tijdstip",
    ),
    "images": (
        "images", "image", "image urls", "image url", "image path", "image paths", "image file", "image files",
        "image name", "image names", "photo", "photos", "photo url", "photo urls", "picture", "pictures",
        "picture url", "picture urls", "pic", "pics", "img", "imgs", "img url", "media", "media url", "media urls",
        "media file", "media files", "media path", "attachment", "attachments", "attachment url", "attachment urls",
        "display url", "full picture", "file name", "filename", "file", "files", "multimedia", "thumbnail",
        "thumbnail url", "thumbnails", "cover", "screenshot", "visual", "image link", "image links", "photo link",
        "media link", "media links", "image src", "asset", "assets",
        "bild", "bilder", "foto", "fotos", "bild url", "bilddatei", "dateiname", "datei", "anhang", "anhange", "medien",
        "bildpfad",
        "images url", "photographie", "fichier", "nom fichier", "piece jointe", "medias", "lien image",
        "imagen", "imagenes", "archivo", "nombre archivo", "adjunto", "adjuntos", "medios", "foto url",
        "url imagen", "imagem", "imagens", "arquivo", "anexo", "anexos", "midia", "url imagem",
        "immagine", "immagini", "allegato", "allegati", "nome file", "url immagine",
        "afbeelding", "afbeeldingen", "bestand", "bestandsnaam", "bijlage", "bijlagen", "plaatje",
    ),
    "likes": (
        "likes", "like", "favorites", "favourites", "favorite", "favourite", "favs", "faves", "hearts", "diggs",
        "digg", "upvotes", "ups", "score", "reactions", "reaction", "loves", "thumbs up",
        "gefallt mir", "gefallt mir angaben", "j aime", "mentions j aime", "aime", "me gusta", "gusta", "curtidas",
        "gostos", "mi piace", "piace", "vind ik leuk", "vind ik leuks", "reaktionen", "reacciones",
        "reacoes", "reazioni",
    ),
    "shares": (
        "shares", "share", "retweets", "retweet", "reposts", "repost", "reblogs", "reblog", "forwards", "shared",
        "boosts", "reshares", "reshare", "geteilt", "teilungen", "partages", "partage", "compartidos", "compartido",
        "veces compartido", "compartilhamentos", "partilhas", "condivisioni", "condivisione", "gedeeld", "delingen",
        "keren gedeeld", "keer gedeeld", "mal geteilt", "weitergeleitet",
    ),
    "comments": (
        "comments", "comment", "replies", "reply", "responses", "answers", "kommentare", "antworten", "commentaires",
        "reponses", "comentarios", "respuestas", "respostas", "commenti", "risposte", "opmerkingen", "antwoorden",
        "kommentar", "commentaire", "comentario", "commento", "opmerking", "reacties",
    ),
}  # fmt: skip
"""Names of each field, in lower case without accents, words separated by a space; the most specific first."""

ADDRESSES = frozenset({"url", "permalink", "uri", "link", "posturl", "permalinkurl", "postlink", "weburl"})
"""Names of a post's address, which is its id where there is no other."""
_PLATFORMS = (
    "twitter x facebook fb instagram ig insta tiktok youtube yt reddit threads bluesky linkedin mastodon telegram "
    "whatsapp pinterest tumblr"
)
_POSTS = (
    "post posts tweet tweets toot status message msg item entry record video reel submission pin article mention row "
    "document doc beitrag beitrags nachricht publication publicacion publicacao postagem bericht tuit messaggio"
)
_FILLERS = (
    "the a of de la le les du des der die das del della do da d l el di il lo een het van en und et y e le"
)
_COUNTING = (
    "count counts number num n nb no nr total totals sum stats statistics metrics public anzahl zahl nombre numero "
    "cantidad quantidade conteggio aantal qty"
)
_PLATFORM_WORDS = frozenset(_PLATFORMS.split())
NOISE = frozenset(f"{_PLATFORMS} {_POSTS} {_FILLERS}".split())
"""Words of a name that say nothing about the field."""
COUNTING = frozenset(_COUNTING.split())
"""Further such words in names of counts."""
PEOPLE = frozenset(
    [
        "user",
        "author",
        "account",
        "owner",
        "creator",
        "profile",
        "channel",
        "poster",
        "sender",
        "from",
        "page",
        "member",
        "actor",
        "person",
        "influencer",
        "source",
        "group",
        "chat",
        "autor",
        "auteur",
        "autore",
        "usuario",
        "utilisateur",
        "utente",
        "benutzer",
        "nutzer",
        "gebruiker",
        "konto",
        "compte",
        "cuenta",
    ]
)
"""Words that make a name one of an author: "user name" names the author, "user id" does not name the post."""
OTHER_POSTS = frozenset(
    [
        "retweeted",
        "quoted",
        "referenced",
        "parent",
        "reply",
        "replied",
        "original",
        "shared",
        "reblog",
        "repost",
        "in",
        "thread",
        "conversation",
        "root",
        "collected",
        "scraped",
        "retrieved",
        "crawled",
        "indexed",
        "inserted",
        "imported",
        "updated",
        "edited",
        "modified",
        "last",
        "capture",
        "query",
    ]
)
"""Words that make a name one of another post or of the collection: "parent id", "quoted text", "collected at"."""

_MAX_NAME_CHARS = 200  # a longer cell is no name
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GLUED = re.compile(
    r"^(like|digg|share|comment|reply|retweet|favorite|favourite|repost|reaction)(count|s?num)$"
)
_LISTED = re.compile(r"[\s_./-]*\d{1,3}$|\[\d{1,3}\]$")


@lru_cache(maxsize=20_000)
def list_words(name: str) -> tuple[str, ...]:
    """Split a column's name into words: "publicMetrics_likeCount" into public, metrics, like, count.

    Accents and case are removed, and numbers at the end that count columns ("image 2", "images/0").
    """
    name = _LISTED.sub("", name) or name
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name.replace("ß", "ss")))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    words = _WORDS.findall(plain.casefold())
    return tuple(part for word in words for part in _GLUED.sub(r"\1 \2", word).split())


@lru_cache(maxsize=1)
def ranks() -> Mapping[str, Mapping[str, int]]:
    """Return the rank of each known name by field; 0 is the most specific. Names are joined without spaces."""
    return {
        field: {name.replace(" ", ""): rank for rank, name in reversed(list(enumerate(names)))}
        for field, names in NAMES.items()
    }


@lru_cache(maxsize=50_000)
def match(field: str, column: str) -> float:
    """Return how well a column's name names a field: from 0 for not at all to 1 for an exact name.

    Args:
        field: Of `NAMES`.
        column: The column's name; of a path such as "user.name", the last part counts, the others are its context.
    """
    if len(column) > _MAX_NAME_CHARS:
        return 0.0
    *outer, last = column.replace("/", ".").rsplit(".", 3) if "." in column or "/" in column else [column]
    if last.isdecimal() and outer:  # "images/0"
        *outer, last = outer
    words = list_words(last)
    around = {word for part in outer for word in list_words(part)}
    if not words:
        return 0.0
    known = ranks()[field]
    people = PEOPLE & ({*words, *around} - {"from", "page", "source", "group", "chat"})
    other = OTHER_POSTS & {*words, *around}
    if field == "post_id":
        if "".join(words) in ADDRESSES and not outer:
            return 0.6
        if set(words) - {"id"} <= _PLATFORM_WORDS and len(words) > 1:
            return 0.55
    best = 0.0
    for quality, kept in _variants(field, words):
        rank = known.get("".join(kept))
        if rank is not None:
            best = max(best, quality - rank / 1000)
    if field == "author":
        best = max(best, _author(words, around, known))
        if {"id", "url", "avatar", "count", "followers", "verified", "link", "bio"} & set(words):
            return 0.0
        if "".join(words) in ("name", "title") and not around & PEOPLE:
            return 0.0
    elif (field == "images" and {"id", "ids", "type", "types", "count", "num", "key", "keys", "width", "height", "alt",
                                "text", "description", "avatar", "profile", "video", "size"} & set(words)) or (people and field != "images" and best):  # fmt: skip
        return 0.0
    if other and best and not (field in ("shares", "comments") and "".join(words) in known):
        return best if _is_count_name(field, words) else 0.0
    return max(0.0, best - 0.02 * len(outer))


def _is_count_name(field: str, words: tuple[str, ...]) -> bool:
    return field in ("likes", "shares", "comments") and bool(COUNTING & set(words))


def _variants(field: str, words: tuple[str, ...]) -> list[tuple[float, tuple[str, ...]]]:
    """Return the name, and the name without words that say nothing, with the quality of a match."""
    noise = NOISE | (COUNTING if field in ("likes", "shares", "comments") else frozenset())
    kept = tuple(word for word in words if word not in noise)
    without_fillers = tuple(word for word in words if word not in frozenset(_FILLERS.split()))
    variants = [(1.0, words), (0.98, without_fillers)]
    if kept:
        variants.append((0.9, kept))
    return [(quality, variant) for quality, variant in variants if variant]


def _author(words: tuple[str, ...], around: set[str], known: Mapping[str, int]) -> float:
    """Match names such as "user.name", "author_fullname" and "channelTitle"."""
    if not PEOPLE & ({*words} | around):
        return 0.0
    rest = tuple(word for word in words if word not in PEOPLE | NOISE)
    joined = "".join(rest)
    if not rest and around & PEOPLE:
        return 0.85
    if joined in known and joined not in ("from",):
        return 0.95 - known[joined] / 1000
    return 0.0
