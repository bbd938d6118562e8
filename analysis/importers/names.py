"""Names that exports give to the fields of a post, in seven European languages."""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAMES: Mapping[str, tuple[str, ...]] = {
    "post_id": (
        "comment id", "post id", "tweet id", "status id", "message id", "video id", "media id", "item id",
        "id", "uid",
        "guid", "uuid", "mid", "id str", "shortcode", "short code", "nr", "no", "number",
        "image id", "img id", "photo id", "picture id", "asset id", "external id", "reference",
        "kennung", "nummer", "identifiant", "identificador", "identificativo", "identificatore",
        "numero", "identificacao", "identificacion", "identification", "codigo", "ref", "lfd nr",
        "laufende nummer", "volgnummer", "n",
    ),
    "text": (
        "full text", "raw content", "self text", "selftext", "text", "texts", "body", "content", "message",
        "caption",
        "copy", "hit sentence", "description", "rendered content", "transcript", "opening text",
        "content text", "text content", "plain text", "contents", "verbatim", "sentence", "review", "comment",
        "quote", "question",
        "detail", "details", "subject", "headline", "title", "tweet", "post", "mention", "snippet", "abstract",
        "status",
        "inhalt", "beitrag", "beitragstext", "nachricht", "nachrichtentext", "kommentar", "bildunterschrift",
        "beschreibung", "titel", "volltext", "wortlaut", "textauszug", "auszug",
        "texte", "contenu", "legende", "publication", "commentaire", "texte integral", "extrait", "avis", "titre",
        "texto", "contenido", "mensaje", "publicacion", "leyenda", "descripcion", "comentario", "resena", "opinion",
        "extracto", "titulo",
        "conteudo", "mensagem", "legenda", "publicacao", "postagem", "descricao", "texto completo",
        "trecho", "avaliacao",
        "testo", "contenuto", "messaggio", "didascalia", "descrizione", "commento", "recensione", "estratto",
        "titolo",
        "tekst", "inhoud", "bericht", "bijschrift", "omschrijving", "berichttekst", "reactie", "fragment",
    ),
    "author": (
        "screen name", "username", "user name", "handle", "acct", "unique id", "nickname", "login", "nick",
        "author", "user", "creator", "poster", "account", "profile", "owner", "channel", "page", "influencer",
        "display name", "full name", "from", "sender", "speaker", "writer", "posted by", "by", "from user",
        "reviewer", "commenter", "requester", "journalist", "journaliste", "periodista", "respondent",
        "customer", "name", "title",
        "autor", "autorin", "verfasser", "benutzer", "benutzername", "nutzer", "nutzername", "konto", "absender",
        "profil", "kanal", "seite", "anzeigename", "rezensent",
        "auteur", "utilisateur", "nom utilisateur", "compte", "expediteur", "pseudo", "chaine", "nom",
        "autora", "usuario", "nombre usuario", "cuenta", "remitente", "perfil", "canal", "pagina", "nombre",
        "nome usuario", "conta", "remetente", "nome",
        "autore", "utente", "nome utente", "mittente", "profilo", "canale",
        "gebruiker", "gebruikersnaam", "afzender", "kanaal", "profiel", "schrijver", "naam",
    ),
    "created_at": (
        "published at", "publish time", "published time", "created at", "created utc", "created time", "create time",
        "creation time", "taken at", "created", "published", "posted", "posted at", "posted on", "created on",
        "published on", "sent", "sent at", "date sent", "date created", "date published", "date posted",
        "publication date", "publish date", "published date", "created date", "creation date", "pub date",
        "timestamp", "unix timestamp", "timestamp utc", "datetime", "date time", "date utc", "time utc", "date",
        "time", "when", "day", "date time utc", "scheduled for", "scheduled at", "scheduled",
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
        "thumbnail url", "thumbnails", "cover", "screenshot", "visual", "illustration", "image link",
        "image links", "photo link",
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
        "digg", "upvotes", "ups", "attitudes", "reactions", "reaction", "loves", "thumbs up", "helpful votes",
        "helpful", "useful", "votes", "vote", "votes up", "thanks", "hilfreich", "danke", "votes utiles", "utile",
        "votos", "votos utiles", "apprezzamenti", "nuttig", "bedankjes", "score",
        "gefallt mir", "gefallt mir angaben", "j aime", "mentions j aime", "aime", "me gusta", "gusta", "curtidas",
        "gostos", "mi piace", "piace", "vind ik leuk", "vind ik leuks", "reaktionen", "reacciones",
        "reacoes", "reazioni",
    ),
    "shares": (
        "shares", "share", "retweets", "retweet", "reposts", "repost", "reblogs", "reblog", "forwards", "shared",
        "boosts", "reshares", "reshare", "rts", "rt", "repins", "geteilt", "teilungen", "geteilte inhalte",
        "partages", "partage", "compartidos", "compartido",
        "veces compartido", "veces que se compartio", "retuits", "compartilhamentos", "partilhas",
        "condivisioni", "condivisione", "gedeeld", "delingen",
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
    document doc review interaction ticket meme beitrag beitrags nachricht nachrichten artikel rezension publication
    avis publicacion publicacao postagem articulo artigo articolo resena recensione bericht tuit messaggio mencion
    mencao mensaje mensagem menzione vermelding content contribution speech bewertung bewertungs avaliacao
    valutazione beoordeling
    recommendation"""
)
"""Words for a post."""
ANSWERS = _words(
    """response responses answer answers antwort antworten reponse respuesta resposta risposta antwoord reactie
    management developer respondent"""
)
"""Words for an answer: an id of one is that of a post, in surveys; its time and text are those of another post."""
COMMENT_WORDS = _words("comment kommentar commentaire comentario commento opmerking")
"""Words for a comment, which say nothing of a field except of the number of comments."""
FILLERS = _words(
    """the a of de la le les du des der die das del della di do da d l el il lo een het van en und et y e que se
    dell all nell dos das uma um"""
)
"""Articles, prepositions, conjunctions and pronouns."""
COUNTING = _words(
    """count counts number num n cnt nbr qtd qtde cant nb no nr total totals sum summary stats statistics metrics
    public
    engagement interactions anzahl
    zahl nombre numero cantidad quantidade conteggio aantal qty"""
)
"""Words that names of counts have besides what is counted."""
TIMES = _words(
    """date time datetime timestamp datum zeit zeitpunkt zeitstempel uhrzeit heure horodatage fecha hora data horario
    ora orario tijd tijdstip day tag moment"""
)
"""Words for a time."""
EVENTS = _words(
    """submit publish creation publication create post publishing submission writing
    veroffentlichung veroffentlichungs erscheinung erscheinungs erstell erstellung erstellungs publikation
    publikations
    abgabe versand sende parution depot soumission envoi redaction envio publicacion creacion publicacao criacao
    pubblicazione creazione invio publicatie plaatsing"""
)
"""Words for the writing and publishing of a post."""
WRITTEN = _words(
    """created published posted sent submitted written verfasst poste postee publiee gepubliceerd geschrieben
    gepostet gesendet eingereicht veroffentlicht
    erstellt
    publie cree soumis envoye ecrit publicado creado enviado escrito criado postado pubblicato creato inviato scritto
    geplaatst gepubliceerd geschreven ingezonden ingediend verzonden aangemaakt"""
)
"""Participles of these, which name a time without a word of `TIMES`."""
BY = _words("by von par por da door")
"""Prepositions before an author: "Publié par"."""
ZONES = _words("utc gmt est edt cet cest pst pdt bst at on am um el op local lokal")
"""Words for a time zone, and prepositions, in names of times."""
PEOPLE = _words(
    """user author account owner creator profile channel poster sender from page member actor
    person influencer source commenter contact reviewer requester customer consumer speaker journalist
    journaliste periodista
    group chat autor autors auteur autore usuario utilisateur utente benutzer nutzer gebruiker konto compte cuenta
    conta kanal canal canale kanaal profil perfil profilo profiel kontos profils kanals seite seiten pagina
    afzender absender blog"""
)
"""Words that make a name one of an author: "user name" names the author, "user id" does not name the post."""
OTHER_POSTS = _words(
    """retweeted quoted referenced parent reply replied original shared reblog repost in thread conversation root
    collected scraped retrieved crawled indexed inserted imported updated edited modified last capture query
    collection insertion inserted added download downloaded export exported fetched ingested inbox start edit
    approved assigned
    update joined first retrieval registered modified started
    gewijzigd bearbeitet geandert registriert modificato modificado modifie iscrizione
    erfasst erfassung erfassungs importiert import aktualisiert abruf abgerufen gesammelt anderung anderungs
    letzte dernier derniere ultima ultimo laatste
    collecte ajout extraction modification debut fin captura recogida actualizacion inicio recoleccion
    coleta inclusao atualizacao raccolta inserimento aggiornamento estrazione verzameld toegevoegd bijgewerkt
    opgehaald"""
)
"""Words that make a name one of another post or of the collection: "parent id", "quoted text", "collected at"."""
NO_AUTHORS = _words(
    """id url avatar count followers follower following verified link bio type description location language score
    influence influencia email mail verifie verificado verificada verificato geverifieerd verifiziert abonnes
    seguidores
    volgers seguaci"""
)
"""Words of a name that describe an author without naming one."""
NO_IMAGES = _words(
    """id ids type types count num key keys width height alt text description avatar profile profil perfil profilo
    profiel video size"""
)
"""Words of a name that describe an image without naming its file."""
NAME_WORDS = _words("name title nom nombre nome naam")
"""Words for a name: next to a word of `PEOPLE`, it is the name of an author."""
IDENTIFYING = _words(
    """id url uri link email mail phone avatar picture image bio biography about description location handle screen
    nickname telephone telefon telefono telefone adresse address direccion endereco indirizzo adres"""
)
"""Words of a name that, next to a word of `PEOPLE`, identify a person: "user id", "profile URL"."""
CONTACTS = _words("email mail phone telephone telefon telefono telefone telefoon handle username nickname")
"""Words that identify a person in any name of a column."""
