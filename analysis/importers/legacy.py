"""Guesses of legacy encodings by how plausible the decoded text is, for texts that are short or in Latin script.

charset-normalizer needs a few sentences, and takes cp1252 for other encodings. Here each encoding is judged by the
characters that are common in its languages, and by letters in places where no language has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_WESTERN = "éèàêçôîûâëïùœæäöüßñáíóúãõåøòìðþýÿ’‘“”„–—…€£°«»¿¡ºª·§©®™•"
_CENTRAL = "áéíóúýčďěňřšťůžąćęłńśźżőűöüäôľĺŕăâîșțşţđ’‘“”„–—…€°«»§"
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ№«»–—“”„’…"
_GREEK = "αοιετσνηυρπκμλςωδγχθφβξζψάέήίόύώϊϋ«»–—’…"
_HEBREW = "יוהלאתרמבשנדחקפעסגזכטםצןךףץ"
_ARABIC = "اليمونرتبعدسفهكقحجشطصخذئءزثضغظىةأإآؤ،؟"
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如"
    "都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高"
    "间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保"
    "至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传"
    "师观清今切院让识候带导争运笔，。！？、：；“”（）《》…"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如"
    "都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高"
    "間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員"
    "今真氣城市愛喜歡，。！？、：；「」（）《》…"
)
_KANA = "".join(map(chr, range(0x3041, 0x3097))) + "".join(map(chr, range(0x30A1, 0x30FD)))
_JAPANESE = _KANA + "、。！？「」（）日一人年大本中出会国今行見新時気天雨花"
_HANGUL = (
    "이다는에을의고가하지로도한사니기은어를아서나자대해있리그시일보인수들것게전정부라주세요오안녕만여과거우장상제적구성스동원무실분생모습조공"
    "경되었했습면내할연마국진방관와위선화더음소없문때회계발말날좋씨람너저"
)
_LANGUAGES = {
    "cp1252": _WESTERN,
    "mac_roman": _WESTERN,
    "cp850": "éèàêçôîûâëïùäöüßñáíóú",
    "cp1254": _WESTERN + "ğışİ",
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1251": _CYRILLIC,
    "koi8_r": _CYRILLIC,
    "cp866": _CYRILLIC,
    "cp1253": _GREEK,
    "cp1255": _HEBREW,
    "cp1256": _ARABIC,
    "gb18030": _SIMPLIFIED,
    "big5": _TRADITIONAL,
    "cp932": _JAPANESE,
    "euc_jp": _JAPANESE,
    "cp949": _HANGUL,
}
_RANKED = frozenset(
    {"cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256"}
)  # the most common letters come first
_RANGE = 0.7  # how much less plausible the rarest letter is than the most common one


@cache
def _weights(codec: str) -> Mapping[str, float]:
    """Return how plausible each character is that is common in the languages of an encoding."""
    characters = _LANGUAGES[codec]
    step = _RANGE / len(characters) if codec in _RANKED else 0.0
    weights = {character: 1 - step * place for place, character in enumerate(characters)}
    return {character.upper(): weight for character, weight in weights.items()} | weights


_MARGIN = 0.25  # by which another encoding must be more plausible than cp1252
_LEAST = 0.45  # plausibility of an encoding that is taken for sure
_LATIN = frozenset({"cp1252", "mac_roman", "cp850", "cp1250", "iso8859_2", "cp1254"})
_ACCENTED = re.compile(r"[^\x00-\x7f]{5,}")  # no language in Latin script has so many in a row
_IDEOGRAPHS = frozenset({"gb18030", "big5", "cp932", "euc_jp", "cp949"})
_IDEOGRAPH_LEAST = 0.25  # of ideographs a fifth or more are uncommon in any text
_RARE = 0.1  # how plausible a letter is that is not common
_MISPLACED = re.compile(
    r"(?<=[a-zà-öø-ÿа-яα-ω])[À-ÖØ-ÞŒŠŽŸĄĆČĎĘĚŁŃŇŘŚŤŮŹŻА-ЯЁΑ-Ω]"
    r"|(?<=[a-zA-Z])þ"
    r"|(?<=[^\W\d_])[^\w\s'’‘·.,:;!?/&@#()\[\]\"“”«»„–—…\-+*=%|<>{}~`^\\$](?=[^\W\d_])"
    r"|(?<=[a-zA-Z])[\u0370-\u06ff]|[\u0370-\u06ff](?=[a-zA-Z])"
    r"|[\u0080-\u009f\ue000-\uf8ff\u2500-\u25ff\ufffd\uff61-\uff9f]"
)


def guess_legacy(sample: bytes) -> tuple[str, bool]:
    """Guess the encoding of bytes that are not UTF-8.

    Args:
        sample: A part of a file with bytes beyond ASCII that ends at the end of a line.

    Returns:
        The codec: cp1252, unless another is clearly more plausible; and whether it is plausible at all.
    """
    scores = {codec: score_decoding_plausibility(sample, codec) for codec in _LANGUAGES}
    best = max(scores, key=lambda codec: scores[codec] + 0.2 * (codec in _IDEOGRAPHS))
    least = _IDEOGRAPH_LEAST if best in _IDEOGRAPHS else _LEAST
    if best != "cp1252" and scores[best] >= least and scores[best] >= scores["cp1252"] + _MARGIN:
        return best, True
    return "cp1252", scores["cp1252"] >= 0


def score_decoding_plausibility(sample: bytes, codec: str) -> float:
    """Return how plausible a text is in an encoding: -1 if impossible, 1 if all its characters are common.

    Args:
        sample: The bytes.
        codec: A key of `_LANGUAGES`.
    """
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return -1.0
    foreign = [character for character in text if not character.isascii() and not character.isspace()]
    if not foreign:
        return 0.0
    weights = _weights(codec)
    good = sum(weights.get(each, _RARE if each.isalpha() else 0.0) for each in foreign)
    misplaced = len(_MISPLACED.findall(text))
    if codec in _LATIN:
        misplaced += sum(len(run) for run in _ACCENTED.findall(text) if len(set(run)) > 2)
    return max(-1.0, (good - 2 * misplaced) / len(foreign))
