"""What if: the user edits the open post and compares its scores and explanation with the original's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image

from analysis.attribution import (
    EncodedPost,
    Ledger,
    Output,
    encode_post,
    explain_post,
    list_further_contents,
    score_modalities_alone,
)
from analysis.attribution.sentences import (
    describe_reliability,
    describe_shares,
    title_of_explained_output,
)
from analysis.attribution.what_if import Box, crop_to_box, list_removable_words, occlude_box, remove_words
from analysis.charts import explanations as charts
from analysis.charts import highlights
from analysis.columns import head_title
from analysis.model.text import preprocess_text
from analysis.posts import list_inputs_used
from pages.components.image_upload import upload_image
from pages.shared import labels
from pages.shared.charts import draw
from pages.shared.engine import config, heads, model
from pages.shared.messages import plain

Images = Sequence[tuple[str, Image.Image]]
Scores = Mapping[str, Mapping[str, float]]

KEEP, REMOVE, CROP, COVER, REPLACE, ADD = "Keep", "Remove", "Crop", "Cover a part", "Replace", "Add"


@st.cache_data(max_entries=50, show_spinner=False)
def explain_changed(
    text: str, images: Images, further: Mapping[str, Any], bundle_id: str, head: str, name: str
) -> tuple[Scores, Ledger]:
    """Score and explain an edited post; `bundle_id` is the loaded model's, so that the cache matches the model."""
    bundle = model()
    post = encode_post(bundle, text, images, further)
    scores = next(iter(score_modalities_alone(bundle, post).values()))
    return scores, explain_post(bundle, post, Output(head, name))


def what_if(post: pd.Series, encoded: EncodedPost, scores: Scores, ledger: Ledger) -> None:
    """Show the editing controls, and the effect of the edits.

    Args:
        post: The original post.
        encoded: The same, encoded.
        scores: Its probabilities by head and class.
        ledger: The explanation of the chosen output.
    """
    text = _edit_text(post, encoded)
    edited, changed = _edit_images(post, encoded.images)
    if text == post["text"] and not changed:
        st.caption("Change the text or an image above to see the effect on the scores.")
        return
    further = list_further_contents(config().modalities, post)
    if list_inputs_used(text, len(edited)) == "none" and not further:
        st.info("The post is empty. Keep some text or an image.", icon=":material/info:")
        return
    output = ledger.output
    with st.spinner("Scoring the edited post..."):
        after, new_ledger = explain_changed(text, edited, further, model().id, output.head, output.name)
    st.markdown(f"**{plain(head_title(output.head))}** before and after")
    st.table(_comparison(output.head, scores, after))
    title_of_output = title_of_explained_output(output, labels.titles())
    explained = plain(title_of_output)
    limits = charts.find_waterfall_range([ledger, new_ledger])
    with st.grid(2, min_column_width=300):
        for title, each in (("Original", ledger), ("Edited", new_ledger)):
            with st.container():
                st.markdown(f"**{title}**: contributions to “{explained}”")
                figure = charts.waterfall_chart(each, labels.titles(), limits, f"{title} post")
                alt = f"What each modality adds to {title_of_output}, {title.lower()} post"
                draw(figure, f"what_if_{title}", alt)
    if new_ledger.words:
        check = new_ledger.word_check
        st.caption(describe_shares(new_ledger, "text") or describe_reliability(check, None, "words"))
        words = () if check and check.refused else new_ledger.words
        if words:
            st.html(highlights.legend(title_of_output))
        st.html(highlights.highlighted_words(text, words))


def _edit_text(post: pd.Series, encoded: EncodedPost) -> str:
    """Show the text field and the choice of words to remove; return the edited text."""
    text = st.text_area("Text", value=post["text"], key=f"what_text_{post['post_id']}", height=100)
    clean = encoded.clean_text if text == encoded.text else preprocess_text(text)
    words = list_removable_words(clean)
    removed = st.multiselect(
        "Words to remove",
        range(len(words)),
        # numbered, because options with equal labels cannot be distinguished
        format_func=lambda number: f"{number + 1}. {words[number]}" if number < len(words) else "",
        key=f"what_words_{post['post_id']}",
        placeholder="None",
    )
    return remove_words(clean, removed)


def _edit_images(post: pd.Series, images: Images) -> tuple[list[tuple[str, Image.Image]], bool]:
    """Show the controls to edit one image; return the edited images and whether anything changed."""
    id_ = post["post_id"]
    number = 0
    if len(images) > 1:
        number = st.selectbox(
            "Image",
            range(len(images)),
            format_func=lambda n: f"{n + 1}. {post['image_names'][n]}",
            key=f"what_one_{id_}",
        )
    choices = [KEEP, REMOVE, CROP, COVER, REPLACE] if images else [KEEP, ADD]
    change = st.segmented_control(
        "Image" if images else "No image", choices, default=KEEP, key=f"what_change_{id_}_{number}"
    )
    if change is None or change == KEEP:
        return list(images), False
    edited = list(images)
    if change == REMOVE:
        del edited[number]
        return edited, True
    if change in (REPLACE, ADD):
        new_image = upload_image("New image", f"what_other_{id_}")
        if new_image is None:
            return edited, False
        edited[number : number + 1] = [("another", new_image)]
    else:
        media_id, image = edited[number]
        edit = crop_to_box if change == CROP else occlude_box
        edited[number] = (media_id, edit(image, _choose_box(image, f"{id_}_{number}")))
    st.image(edited[number][1], width=240, alt="Edited image")
    return edited, True


def _choose_box(image: Image.Image, key: str) -> Box:
    """Let the user drag a box on the image, or set its edges in per cent; it is at least 1 % wide and high."""
    sliders = {f"what_{label}_{key}": label for label in ("From left to right, %", "From top to bottom, %")}
    chart = f"what_drag_{key}"
    for name in sliders:
        st.session_state.setdefault(name, (25, 75))
    box = Box(*_edges(sliders, 0), *_edges(sliders, 1))
    st.caption("Drag a box on the image, or set its edges below.")
    draw(
        charts.image_part_picker(image, box),
        chart,
        "The image, with the chosen part",
        width="content",
        on_select=partial(set_sliders, chart, list(sliders)),
        selection_mode="box",
    )
    for name, label in sliders.items():
        st.slider(label, 0, 100, key=name)
    return box


def _edges(sliders: Iterable[str], end: int) -> list[float]:
    """Return the left and upper edges of the box (0), or the right and lower ones (1), as fractions."""
    values = (st.session_state[name] for name in sliders)
    return [(max(last, min(first, 99) + 1) if end else min(first, 99)) / 100 for first, last in values]


def set_sliders(chart: str, sliders: Sequence[str]) -> None:
    """Set the sliders to the edges of the box that the user has dragged."""
    boxes = st.session_state[chart]["selection"]["box"]
    for name, ends in zip(sliders, (boxes[0]["x"], boxes[0]["y"]) if boxes else (), strict=False):
        st.session_state[name] = tuple(sorted(min(max(round(end), 0), 100) for end in ends))


def _comparison(head: str, before: Scores, after: Scores) -> pd.DataFrame:
    """Tabulate one head's probabilities before and after; a dash if the edited post lacks the head's modality."""
    rows = []
    for name in heads()[head].classes:
        old, new = before[head][name], after.get(head, {}).get(name)
        rows.append((plain(heads()[head].title(name)), *format_comparison(old, new)))
    return pd.DataFrame(rows, columns=["", "Original", "Edited", "Difference"]).set_index("")


def format_comparison(old: float, new: float | None) -> tuple[str, str, str]:
    """Format two probabilities and their difference, which is that of the numbers as they are shown."""
    first = round(100 * old, 1)
    if new is None:
        return f"{first:.1f} %", "–", "–"
    second = round(100 * new, 1)
    return f"{first:.1f} %", f"{second:.1f} %", f"{second - first:+.1f} points".replace("-", "−")
