"""Column names of 30 exports are mapped to the fields of a post without a known source."""

from __future__ import annotations

import pytest

from analysis.importers import guess_mapping

# id | text | author | time | images | likes | shares | comments; then columns that are none of these fields.
HEADERS = """
tweet_id | full_text | screen_name | tweet_created | image_url | favorite_count | retweet_count | ; lang, source
Tweet id | Tweet text | | time | | favorites | retweets | replies ; Tweet permalink, impressions, engagements
post_id | post_text | username | post_time | images | likes | shares | comments ; user_id, shared_text, post_url
id | body | author | timestamp | image_urls | num_likes | | num_comments \
; author_id, thread_id, parent_id, author_avatar_url
Mention Id | Full Text | Author | Date | Media URLs | Likes | Shares \
| Comments ; Query Id, Snippet, Page Type, Title
id | text | author.username | created_at | attachments.media | public_metrics.like_count \
| public_metrics.retweet_count \
| public_metrics.reply_count ; author_id, conversation_id, author.created_at, author.description
id | text | post_owner.username | creation_time | multimedia | statistics.like_count | statistics.share_count \
| statistics.comment_count ; mcl_url, statistics.views
Beitrags-ID | Beitragstext | Benutzername | Erstellt am | Bild-URL | Anzahl Likes | Mal geteilt \
| Anzahl Kommentare ;
Nr. | Inhalt | Verfasser | Datum | Bilddatei | Gefällt mir | Geteilt | Antworten ; Sprache
ID | Nachricht | Nutzer | Veröffentlicht | Anhang | Reaktionen | Teilungen | Kommentare ; Kanal-ID
Identifiant | Texte de la publication | Nom d'utilisateur | Date de publication | Lien de l'image | J'aime \
| Partages | Commentaires ; Langue
ID | Contenu | Auteur | Publié le | Pièce jointe | Mentions J'aime | Partages | Réponses ;
ID de la publicación | Contenido | Usuario | Fecha de publicación | Imagen | Me gusta | Compartidos | Comentarios ;
ID | Mensaje | Autora | Fecha y hora | Foto | Me gusta | Veces compartido | Respuestas ; Idioma
ID da postagem | Legenda | Nome de usuário | Data de publicação | URL da imagem | Curtidas | Compartilhamentos \
| Comentários ;
ID | Mensagem | Autor | Criado em | Anexo | Gostos | Partilhas | Respostas ;
ID del post | Testo | Utente | Data di pubblicazione | Immagine | Mi piace | Condivisioni | Commenti ;
ID | Messaggio | Autore | Pubblicato il | Allegato | Mi piace | Condivisioni | Risposte ;
Bericht-ID | Tekst | Gebruikersnaam | Geplaatst op | Afbeelding | Vind-ik-leuks | Keer gedeeld | Reacties ;
ID | Inhoud | Auteur | Datum | Bijlage | Vind ik leuk | Gedeeld | Opmerkingen ;
video_id | video_description | author_username | video_timestamp | | video_diggcount | video_sharecount \
| video_commentcount ; video_playcount
videoId | videoDescription | channelTitle | publishedAt | | likeCount | | commentCount ; channelId, dislikeCount
id | caption | ownerUsername | timestamp | displayUrl | likesCount | | commentsCount ; ownerId, type
messageId | messageText | sender | sentAt | attachments | | forwards | replies ; chatId, senderId
Post ID | Message | Page Name | Posted | Photo | Reactions | Shares | Comments ; Page ID, Reach
status_id | content | account.acct | created_at | media_attachments | favourites_count | reblogs_count \
| replies_count ; account.id, in_reply_to_id
uri | record.text | post.author.handle | record.createdAt | embed.images | likeCount \
| repostCount | replyCount ; cid
guid | Post copy | Handle | Date (UTC) | Image | Likes | Reposts | Replies ; Network
Comment ID | Comment | Commenter name | Created time | | Likes | | Replies ; Post ID
Message ID | Message | Sender | Published | Image URL | Likes | Retweets | Comments ; Permalink, Engagement Rate
"""
CASES = HEADERS.replace("\\\n", "").strip().split("\n")
FIELDS = ("post_id", "text", "author", "created_at", "images", "likes", "shares", "comments")


def test_there_are_thirty_headers() -> None:
    assert len(CASES) == 30


@pytest.mark.parametrize("line", CASES)
def test_the_fields_of_a_header_are_found(line: str) -> None:
    known, _, others = line.partition(";")
    wanted = dict(zip(FIELDS, map(str.strip, known.split("|")), strict=True))
    columns = [*filter(None, wanted.values()), *filter(None, map(str.strip, others.split(",")))]
    found = guess_mapping(sorted(columns, key=lambda name: name[::-1]))
    assert {field: getattr(found, field) or "" for field in FIELDS if field != "images"} == {
        field: column for field, column in wanted.items() if field != "images"
    }
    assert list(found.images) == list(filter(None, [wanted["images"]]))
