"""The workspace: batches on disk, written atomically.

    <home>/batches/<batch id>/
        manifest.json              name, counts, sources with their hashes, settings, version, bundle
        posts.parquet              the post table (`analysis.posts`)
        rejected.parquet           every rejected row or file, and why
        media/ab/abcdef....jpg     images by content (`analysis.intake.media`)
        source/00000               the original tables; the manifest has their names
        scores/part-00000.parquet      one row per scored post: `list_part_columns("scores")`, those of further heads
        words/part-00000.parquet       one row per post: `list_part_columns("words")`
        encodings/part-00000.parquet   one row per post: `list_part_columns("encodings")`, the encoders' output
        copies/part-00000.parquet      one row per post: `list_part_columns("copies")`, once every post is encoded
        embeddings/part-00000.parquet  one row per post: `list_part_columns("embeddings")`, if the bundle has a space
        heatmaps/ab/abcdef....png      a heat map by its inputs (`analysis.exporters.heatmaps`)
        themes.parquet             the theme of each post (`themes`), once they are found
        reports/2026-11-28-130501.csv  a report that was written to disk (`analysis.exporters.report`)
    <home>/reviews.sqlite          labels of posts, notes and tags of batches, saved views (`database`)
    <home>/models/<name>/          a model trained on labels of people: a bundle (`trained_models`)
    <home>/models/in_use.json      which of these models the dashboard uses
    <home>/mappings.json           column mappings saved for tables with the same columns (`mappings`)
    <home>/topics.json             the custom topics (`saved_topics`)
    <home>/pseudonyms.salt         the secret key of pseudonyms in reports (`salt`)
    <home>/compiled/<key>.bin      encoders that OpenVINO compiled, without any post (`compiled`)
    <home>/.temporary/             incomplete files and uploads of running processes (`analysis.temporary`)

Next to each part is its digest, part-00000.sha256 (`digests`); the manifest has those of the other tables and of
itself. All files are readable by their owner only.

`home` lists, opens and creates batches; `batch`, `annotated` and `folder` represent one batch, `manifest` its
description, and `layout` the names of its files; `files` writes files; `custom_topics` holds topics of an open batch,
`labels` the labels of people, `themes` the themes that `analysis.search` found; `merging` makes one batch of several.
`analysis.scoring` writes the parts, and `analysis.query` queries them.
"""

from analysis.workspace.backup import BackupSummary, restore_backup, write_backup
from analysis.workspace.batch import PART_KINDS, Batch, list_part_columns
from analysis.workspace.batch_notes import BatchNote, BatchNotes
from analysis.workspace.compiled import CompiledEncoders, open_compiled_encoders
from analysis.workspace.custom_topics import CustomTopics
from analysis.workspace.home import BatchInfo, Workspace, default_workspace_home, private_workspace_home
from analysis.workspace.labels import NO_LABELS, Labels
from analysis.workspace.manifest import Manifest
from analysis.workspace.mappings import SavedMappings
from analysis.workspace.merging import BATCH_COLUMN, merge_batches
from analysis.workspace.review_store import DECISION, Change, Label, LabelValue, ReviewStore, StoredLabel
from analysis.workspace.salt import read_salt_file, read_workspace_salt
from analysis.workspace.saved_topics import SavedTopics
from analysis.workspace.saved_views import SavedView, SavedViews
from analysis.workspace.themes import Themes, write_themes
from analysis.workspace.trained_models import ModelInUse, TrainedModel, TrainedModels

__all__ = [
    "BATCH_COLUMN",
    "DECISION",
    "NO_LABELS",
    "PART_KINDS",
    "BackupSummary",
    "Batch",
    "BatchInfo",
    "BatchNote",
    "BatchNotes",
    "Change",
    "CompiledEncoders",
    "CustomTopics",
    "Label",
    "LabelValue",
    "Labels",
    "Manifest",
    "ModelInUse",
    "ReviewStore",
    "SavedMappings",
    "SavedTopics",
    "SavedView",
    "SavedViews",
    "StoredLabel",
    "Themes",
    "TrainedModel",
    "TrainedModels",
    "Workspace",
    "default_workspace_home",
    "list_part_columns",
    "merge_batches",
    "open_compiled_encoders",
    "private_workspace_home",
    "read_salt_file",
    "read_workspace_salt",
    "restore_backup",
    "write_backup",
    "write_themes",
]
