"""
The policy that comes with filmgate: a short list of words.

It knows no context and is easily got round. Whoever needs more puts another
`Moderator` in its place; the name in every answer says which of them spoke.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from filmgate.ports import Category, Verdict

_MARKS = str.maketrans({"’": "'", "-": " ", "_": " "})


class WordList:
    """
    Flags what is on the list: English as whole words, Chinese wherever it stands.

    A score is 1 or 0, because a list does not doubt.
    """

    name = "filmgate-words-1"

    async def judge(self, texts: Sequence[str]) -> Sequence[Verdict]:
        """Sees through letter case, full width, hyphens and line breaks; no further."""
        return [_verdict(_plain(text)) for text in texts]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_MARKS)
    return " ".join(folded.split())


def _verdict(text: str) -> Verdict:
    found = {
        category
        for category, phrases in _WORDS.items()
        if any(_says(text, phrase) for phrase in phrases)
    }
    flagged = frozenset(found | {_wider(category) for category in found})
    return Verdict(
        flagged=flagged,
        scores={category: float(category in flagged) for category in Category},
    )


def _wider(category: Category) -> Category:
    """`violence` of `violence/graphic`."""
    return Category(category.partition("/")[0])


def _says(text: str, phrase: str) -> bool:
    if not phrase.isascii():
        return phrase in text
    return any(
        not _is_letter(text[start - 1 : start]) and not _is_letter(text[end : end + 1])
        for start, end in _places(text, phrase)
    )


def _places(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        yield start, end
        start = text.find(phrase, end)


def _is_letter(character: str) -> bool:
    # Of English alone: beside Chinese characters a word ends without a space.
    return character.isascii() and character.isalnum()


#: Lower case, single spaces, no hyphens. What stands under `a/b` counts for `a` too.
_WORDS: Mapping[Category, Sequence[str]] = {
    Category.SEXUAL: (
        *("porn", "porno", "pornography", "pornographic", "hentai", "sex tape"),
        *("explicit sex", "having sex", "sex scene"),
        *("色情", "淫秽", "性交", "裸聊", "成人视频"),
    ),
    Category.SEXUAL_MINORS: (
        *("child porn", "child pornography", "underage sex", "sexualized child"),
        *("sexualised child", "儿童色情", "未成年色情", "幼女性"),
    ),
    Category.HATE: (
        *("white power", "master race", "inferior race", "subhuman race", "heil hitler"),
        *("劣等民族", "劣等种族", "种族清洗"),
    ),
    Category.HATE_THREATENING: (
        *("kill all immigrants", "exterminate all immigrants", "exterminate their race"),
        *("杀光移民", "灭绝他们的种族"),
    ),
    Category.HARASSMENT: (
        *("you are worthless", "you're worthless", "piece of shit", "fucking idiot"),
        *("nobody would miss you", "你这个废物", "你是废物", "去死吧"),
    ),
    Category.HARASSMENT_THREATENING: (
        *("i will kill you", "i'll kill you", "i'm going to kill you", "want to kill you"),
        *("i will hurt you", "i know where you live", "杀了你", "弄死你", "我知道你住哪"),
    ),
    Category.SELF_HARM: (
        *("suicide", "self harm", "self harming", "cutting myself", "cut my wrists"),
        *("自杀", "自残", "割腕"),
    ),
    Category.SELF_HARM_INTENT: (
        *("kill myself", "end my life", "take my own life", "i want to die"),
        *("我想死", "我不想活", "我要自杀", "结束自己的生命"),
    ),
    Category.SELF_HARM_INSTRUCTIONS: (
        *("how to kill myself", "how to commit suicide", "suicide methods"),
        *("painless suicide", "怎么自杀", "如何自杀", "自杀方法"),
    ),
    Category.VIOLENCE: (
        *("murder", "massacre", "behead", "beheading", "torture", "kill them", "kill him"),
        *("kill her", "kill people", "谋杀", "杀人", "屠杀", "斩首", "酷刑"),
    ),
    Category.VIOLENCE_GRAPHIC: (
        *("gore", "dismember", "dismembered", "disembowel", "disemboweled", "severed head"),
        *("mutilated", "血腥", "肢解", "开膛破肚", "残肢"),
    ),
    Category.ILLICIT: (
        *("how to shoplift", "cook meth", "make meth", "buy cocaine", "sell cocaine"),
        *("launder money", "counterfeit money", "forge a passport", "credit card fraud"),
        *("制毒", "贩毒", "洗钱", "伪造护照", "制造假币"),
    ),
    Category.ILLICIT_VIOLENT: (
        *("build a bomb", "make a bomb", "pipe bomb", "make explosives", "hire a hitman"),
        *("制造炸弹", "制作炸弹", "自制枪支", "买凶"),
    ),
}
