"""Makes a report again from its manifest and the same files, and names what differs.

`recorded_files` finds the files of the manifest among those given, `reproduce` reads and scores them as before and
writes the report, and `differences` compares counts, versions, settings and the rows of two CSV files.
"""

from analysis.reproduction.differences import Difference, compare_csv_files
from analysis.reproduction.recorded_files import FoundFiles, find_recorded_files
from analysis.reproduction.reproduce import Reproduction, compare_before_scoring, reproduce_report

__all__ = [
    "Difference",
    "FoundFiles",
    "Reproduction",
    "compare_before_scoring",
    "compare_csv_files",
    "find_recorded_files",
    "reproduce_report",
]
