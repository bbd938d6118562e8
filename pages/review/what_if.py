"""What if: the analyst changes the open post, and sees scores and account change beside the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st
from PIL import Image

from analysis.attribution import Ledger, Output, alone_scores, explain_post
from analysis.attribution.sentences import reliability_summary
from analysis.attribution.what_if import Box, covered, cropped, without_words, words_of
from analysis.charts import explanations as charts
from analysis.charts import highlights
from analysis.intake import InputFile, RefusedError, read_picture
from analysis.posts import inputs_used
from analysis.wording import percent
from pages.shared import labels
from pages.shared.engine import heads, model
from pages.shared.messages import plain

Pictures = Sequence[tuple[str, Image.Image]]
Scores = Mapping[str, Mapping[str, float]]

AS_IT_IS, WITHOUT, CROPPED, COVERED, OTHER = (
    "As it is",
    "Without it",
    "Only a part of it",
    "A part covered",
    "Another picture",
)


@st.cache_data(max_entries=50, show_spinner=False)
def changed_account(
    text: str, pictures: Pictures, bundle_id: str, head: str, name: str
) -> tuple[Scores, Ledger]:
    """Score and explain a changed post; `bundle_id` is that of the loaded model, so that a cached one fits it."""
    bundle = model()
    scores = next(iter(alone_scores(bundle, text, pictures).values()))
    return scores, explain_post(bundle, text, pictures, Output(head, name))


def what_if(post: pd.Series, pictures: Pictures, scores: Scores, ledger: Ledger) -> None:
    """Ask for changes, and show what they do.

    Args:
        post: The post as it is.
        pictures: Its pictures.
        scores: Its probabilities by head and class.
        ledger: The account of the output that is explained.
    """
    text = _changed_text(post)
    shown, changed = _changed_pictures(post, pictures)
    if text == post["text"] and not changed:
        st.caption("Change something above to see what it does to the scores.")
        return
    if inputs_used(text, len(shown)) == "none":
        st.info("Nothing is left of the post: keep some text or a picture.", icon=":material/info:")
        return
    output = ledger.output
    with st.spinner("Scoring the changed post"):
        after, account = changed_account(text, shown, model().id, output.head, output.name)
    st.markdown(f"**{plain(labels.head(output.head))}** before and after")
    st.table(_compared(output.head, scores, after))
    with st.grid(2, min_column_width=300):
        for title, one in (("As posted", ledger), ("Changed", account)):
            with st.container():
                st.markdown(f"**{title}**")
                figure = charts.waterfall(one, labels.titles())
                st.plotly_chart(figure, key=f"what_if_{title}", config={"displayModeBar": False})
    if account.words and account.word_check:
        st.caption(reliability_summary(account.word_check, None, "words"))
        shown_words = () if account.word_check.refused else account.words
        st.html(highlights.highlighted_words(text, shown_words))


def _changed_text(post: pd.Series) -> str:
    text = st.text_area("Text", value=post["text"], key=f"what_text_{post['post_id']}", height=100)
    words = words_of(text)
    off = st.multiselect(
        "Words switched off",
        range(len(words)),
        # numbered, since equal labels cannot be told apart when one is chosen
        format_func=lambda number: f"{number + 1}. {words[number]}" if number < len(words) else "",
        key=f"what_words_{post['post_id']}",
        placeholder="None",
    )
    return without_words(text, off)


def _changed_pictures(post: pd.Series, pictures: Pictures) -> tuple[list[tuple[str, Image.Image]], bool]:
    """Ask what becomes of one picture; the changed pictures, and whether anything changed."""
    id_ = post["post_id"]
    number = 0
    if len(pictures) > 1:
        number = st.selectbox(
            "Picture",
            range(len(pictures)),
            format_func=lambda n: f"{n + 1}. {post['image_names'][n]}",
            key=f"what_one_{id_}",
        )
    choices = [AS_IT_IS, WITHOUT, CROPPED, COVERED, OTHER] if pictures else [AS_IT_IS, OTHER]
    change = st.segmented_control(
        "Picture" if pictures else "No picture", choices, default=AS_IT_IS, key=f"what_change_{id_}_{number}"
    )
    if change is None or change == AS_IT_IS:
        return list(pictures), False
    shown = list(pictures)
    if change == WITHOUT:
        del shown[number]
        return shown, True
    if change == OTHER:
        given = _other_picture(id_)
        if given is None:
            return shown, False
        shown[number : number + 1] = [("another", given)]
    else:
        media_id, picture = shown[number]
        cut = cropped if change == CROPPED else covered
        shown[number] = (media_id, cut(picture, _box(f"{id_}_{number}")))
    st.image(shown[number][1], width=240, alt="The changed picture")
    return shown, True


def _box(key: str) -> Box:
    """Ask for a box by its edges, in per cent; two edges on one spot are drawn apart."""
    edges = []
    for label in ("From left to right, %", "From top to bottom, %"):
        first, last = st.slider(label, 0, 100, (25, 75), key=f"what_{label}_{key}")
        first = min(first, 99)
        edges.append((first / 100, max(last, first + 1) / 100))
    (left, right), (top, bottom) = edges
    return Box(left, top, right, bottom)


def _other_picture(key: str) -> Image.Image | None:
    upload = st.file_uploader("Another picture", key=f"what_other_{key}", label_visibility="collapsed")
    if upload is None:
        return None
    try:
        return read_picture(InputFile(upload.name, upload.getvalue()))
    except RefusedError as error:
        st.error(plain(f"{upload.name} {error.reason}. {error.remedy}"), icon=":material/error:")
        return None


def _compared(head: str, before: Scores, after: Scores) -> pd.DataFrame:
    """Set the probabilities of one head side by side; a dash where the changed post has nothing that it reads."""
    rows = []
    for name in heads()[head].classes:
        was, now = before[head][name], after.get(head, {}).get(name)
        written = (
            ("–", "–")
            if now is None
            else (percent(now), f"{100 * (now - was):+.0f} points".replace("-", "−"))
        )
        rows.append((plain(heads()[head].title(name)), percent(was), *written))
    return pd.DataFrame(rows, columns=["", "As posted", "Changed", "Difference"]).set_index("")
