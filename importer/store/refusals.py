"""Why the store refused one row: its words, and the problem code that they stand for."""

import re
from http import HTTPStatus

from importer.models import Problem, ProblemCode
from importer.problems import problem
from importer.store.answers import Answer, searchable_words, store_words

_TEXT_RULES: tuple[tuple[ProblemCode, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, re.IGNORECASE))
    for code, pattern in (
        (ProblemCode.IMAGE_TOO_LARGE, r"size limit|too large to upload|maximum of 8 ?mb"),
        (ProblemCode.IMAGE_LIMIT_REACHED, r"1,?000 images|maximum number of (product )?images|image limit"),
        (ProblemCode.URL_TOO_LONG, r"image_url.*(255|too long|length)|url.*(too long|255 character)"),
        (ProblemCode.STORE_REJECTED_IMAGE, r"could not be processed|not (be )?(a )?valid image|unsupported image"),
        (ProblemCode.STORE_COULD_NOT_FETCH, r"could not be downloaded|url restriction"),
        (ProblemCode.STORE_COULD_NOT_FETCH, r"image_url'? is invalid|image_file'? is invalid"),
    )
)
"""The store's texts, matched because its status codes do not tell these apart (facts: 400 and 422 on images)."""
_LIMIT_WORDS = re.compile(
    r"rate.?limit|too many requests|request quota|quota (was |is |has been )?exceeded|throttl", re.IGNORECASE
)


def row_problem(answer: Answer) -> Problem:
    """What is wrong with the row, for an answer that refuses it."""
    said = quoted(answer)
    if answer.status == 404:
        return problem(ProblemCode.PRODUCT_UNKNOWN, said)
    if answer.status in {207, 400, 413, 422}:
        words = searchable_words(answer)
        for code, pattern in _TEXT_RULES:
            if pattern.search(words):
                return problem(code, said)
    return problem(ProblemCode.STORE_REJECTED, said)


def smells_of_limit(answer: Answer) -> bool:
    """Whether a 500 means 429.

    BigCommerce docs, migration guide: "While rate limiting typically returns a 429, you may occasionally receive a 500
    for similar scenarios."
    """
    if answer.status != 500:
        return False
    left = answer.headers.get("X-Rate-Limit-Requests-Left", "")
    return (
        str(left).strip() == "0" or _LIMIT_WORDS.search(f"{searchable_words(answer)} {answer.text[:2000]}") is not None
    )


def quoted(answer: Answer) -> str:
    """The store's words in a sentence."""
    words = store_words(answer)
    return f"The store answered {named(answer.status)}" + (f": {words}" if words else ".")


def named(status: int) -> str:
    """`404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
