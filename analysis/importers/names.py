"""Names that exports give to the fields of a post, in seven European languages."""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAMES: Mapping[str, tuple[str, ...]] = {
    "post_id": (
        "comment id", "post id", "tweet id", "status id", "message id", "video id", "media id", "item id",
        "id", "uid",
        "guid", "uuid", "id str", "shortcode", "short code", "nr", "no", "number",
        "kennung", "nummer", "identifiant", "identificador", "identificativo", "identificatore",
    ),
    "text": (
        "full text", "raw content", "self text", "selftext", "text", "texts", "body", "content", "message",
        "caption",
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
        "publication date", "publish date", "published date", "created date", "creation date", "date",
        "time", "when",
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
        "media file", "media files", "media path", "attachment", "attachments", "media attachments",
        "attachment url", "attachment urls",
        "display url", "full picture", "file name", "filename", "file", "files", "multimedia", "thumbnail",
        "thumbnail url", "thumbnails", "cover", "screenshot", "visual", "image link", "image links", "photo link",
        "media link", "media links", "image src", "asset", "assets",
        "bild", "bilder", "foto", "fotos", "bild url", "bilddatei", "dateiname", "datei", "anhang", "anhange",
        "medien", "bildpfad",
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
        "comments", "comment", "replies", "reply", "responses", "answers", "kommentare", "antworten",
        "commentaires",
        "reponses", "comentarios", "respuestas", "respostas", "commenti", "risposte", "opmerkingen", "antwoorden",
        "kommentar", "commentaire", "comentario", "commento", "opmerking", "reacties",
    ),
}  # fmt: skip
"""Names of each field, in lower case without accents, words separated by a space; the most specific first."""

ADDRESSES = frozenset({"url", "permalink", "uri", "link", "posturl", "permalinkurl", "postlink", "weburl"})
"""Names of a post's address, which is its id where there is no other."""
PLATFORMS = _words(
    """twitter x facebook fb instagram ig insta tiktok youtube yt reddit threads bluesky linkedin mastodon telegram
    whatsapp pinterest tumblr"""
)
"""Names of platforms."""
POSTS = _words(
    """post posts tweet tweets toot status message msg item entry record video reel submission pin article mention row
    document doc beitrag beitrags nachricht publication publicacion publicacao postagem bericht tuit messaggio"""
)
"""Words for a post."""
FILLERS = _words(
    "the a of de la le les du des der die das del della do da d l el di il lo een het van en und et y e"
)
"""Articles, prepositions and conjunctions."""
COUNTING = _words(
    """count counts number num n nb no nr total totals sum stats statistics metrics public anzahl zahl nombre numero
    cantidad quantidade conteggio aantal qty"""
)
"""Words that names of counts have besides what is counted."""
PEOPLE = _words(
    """user author account owner creator profile channel poster sender from page member actor
    person influencer source commenter
    group chat autor auteur autore usuario utilisateur utente benutzer nutzer gebruiker konto compte cuenta"""
)
"""Words that make a name one of an author: "user name" names the author, "user id" does not name the post."""
OTHER_POSTS = _words(
    """retweeted quoted referenced parent reply replied original shared reblog repost in thread conversation root
    collected scraped retrieved crawled indexed inserted imported updated edited modified last capture query"""
)
"""Words that make a name one of another post or of the collection: "parent id", "quoted text", "collected at"."""
NO_AUTHORS = _words("id url avatar count followers verified link bio")
"""Words of a name that describe an author without naming one."""
NO_IMAGES = _words(
    "id ids type types count num key keys width height alt text description avatar profile video size"
)
"""Words of a name that describe an image without naming its file."""
