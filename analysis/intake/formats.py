"""The formats of images, videos and archives, recognised by first bytes or suffix. Tables: `analysis.importers`."""

from __future__ import annotations

IMAGES = frozenset({"JPEG", "PNG", "WebP", "GIF", "AVIF", "BMP", "TIFF"})
HEIC = "HEIC"
"""Read if the extra `heic` is installed."""
OTHER_IMAGES = frozenset({HEIC, "SVG", "ICO", "PSD", "JPEG 2000", "JPEG XL", "camera raw"})
VIDEOS = frozenset({"MP4", "QuickTime", "AVI", "Matroska or WebM", "MPEG"})
ARCHIVES = frozenset({"zip", "tar", "gzip", "7z", "RAR", "bzip2", "xz", "Zstandard"})
COMPRESSED = frozenset({"gzip", "bzip2", "xz", "Zstandard"})
"""Archives of one file without a name of its own."""
OTHER_TABLE_SUFFIXES = frozenset({".numbers"})
_VISUAL = IMAGES | OTHER_IMAGES | VIDEOS

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"8BPS\x00\x01", "PSD"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM"),
    (b"\x00\x00\x01\xba", "MPEG"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
    b"qt  ": "QuickTime",
    b"crx ": "camera raw",
}
_SUFFIXES = {
    "JPEG": "jpg jpeg jpe jfif",
    "PNG": "png",
    "WebP": "webp",
    "GIF": "gif",
    "BMP": "bmp dib",
    "TIFF": "tif tiff",
    "SVG": "svg",
    "HEIC": "heic heif",
    "AVIF": "avif",
    "ICO": "ico",
    "PSD": "psd",
    "JPEG 2000": "jp2 j2k",
    "JPEG XL": "jxl",
    "camera raw": "dng cr2 cr3 nef arw orf rw2 raf",
    "MP4": "mp4 m4v",
    "QuickTime": "mov",
    "AVI": "avi",
    "Matroska or WebM": "mkv webm",
    "MPEG": "mpg mpeg",
    "zip": "zip",
    "tar": "tar",
    "gzip": "gz tgz",
    "7z": "7z",
    "RAR": "rar",
    "bzip2": "bz2",
    "xz": "xz",
    "Zstandard": "zst",
}
_BY_SUFFIX = {f".{ending}": name for name, endings in _SUFFIXES.items() for ending in endings.split()}


def format_by_content(head: bytes) -> str | None:
    """Recognise a format by its first bytes.

    General libraries recognise more formats but are less strict: filetype and puremagic classify a CSV whose header
    begins with BM or BZh as an image or an archive.

    Args:
        head: The first 512 bytes or more.

    Returns:
        A name in `IMAGES`, `OTHER_IMAGES`, `VIDEOS` or `ARCHIVES`; None for text and unknown formats.
    """
    for beginning, name in _SIGNATURES:
        if head.startswith(beginning):
            return name
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"AVI "):
        return "WebP" if head[8:12] == b"WEBP" else "AVI"
    if head[:2] == b"BM" and head[6:10] == bytes(4):  # a text can begin with these two letters
        return "BMP"
    if head[4:8] == b"ftyp" and head[:1] == b"\x00":
        return _format_by_brands(head)
    if head[:3] == b"BZh" and head[4:10] == b"1AY&SY":
        return "bzip2"
    if head[257:265] in (b"ustar\x0000", b"ustar  \x00"):  # "mustard" also contains the first five letters
        return "tar"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in start:
        return "SVG"
    return None


def _format_by_brands(head: bytes) -> str:
    """Recognise a file of boxes by its brand, and an image of a general brand by its compatible brands."""
    brands = head[16 : int.from_bytes(head[:4])]
    if head[8:12] in (b"mif1", b"msf1") and (b"avif" in brands or b"avis" in brands):
        return "AVIF"
    return _BRANDS.get(head[8:12], "MP4")


def format_by_suffix(ending: str) -> str | None:
    """Return the format of a suffix such as ".jpg"; None for tables and unknown suffixes."""
    return _BY_SUFFIX.get(ending)


def is_visual(head: bytes, ending: str) -> bool:
    """Return whether first bytes are those of an image or video, or are unknown and the suffix is that of one."""
    return (format_by_content(head) or format_by_suffix(ending)) in _VISUAL
