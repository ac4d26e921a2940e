"""Which part of an Open XML package holds which sheet, and what a part's relationships point to."""

import posixpath
from dataclasses import dataclass

from importer.loader.hyperlinks.archive import Archive, part_name
from importer.loader.hyperlinks.markup import attribute, parse_starts


@dataclass(frozen=True, slots=True)
class Relationship:
    """One entry of a `.rels` part."""

    kind: str
    target: str


def relationships(archive: Archive, part: str) -> dict[str, Relationship]:
    """The relationships of a part by their id."""
    found: dict[str, Relationship] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = Relationship(kind, attributes.get("Target", ""))

    folder, name = posixpath.split(part)
    parse_starts(start, archive.part(posixpath.join(folder, "_rels", name + ".rels")))
    return found


def resolved(part: str, target: str) -> str:
    """The part that a relationship of `part` names: absolute, or relative to the folder of `part`."""
    path = target.replace("\\", "/")
    if not path.startswith("/"):
        path = posixpath.join("/", posixpath.dirname(part), path)
    return part_name(posixpath.normpath(path))


def workbook_part(archive: Archive, usual: str) -> str:
    """The part that describes the workbook."""
    for relationship in relationships(archive, "").values():
        if relationship.kind == "officeDocument":
            return resolved("", relationship.target)
    return usual


def sheet_parts(archive: Archive) -> dict[str, str]:
    """Sheet name -> part, of an .xlsx file."""
    workbook = workbook_part(archive, "xl/workbook.xml")
    targets = relationships(archive, workbook)
    found: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        relationship = targets.get(attribute(attributes, "id")) if name == "sheet" else None
        if relationship is not None:
            found[attributes.get("name", "")] = resolved(workbook, relationship.target)

    parse_starts(start, archive.part(workbook))
    return found
