"""Which products a file asks more of than can be sent."""

from collections.abc import Sequence

from importer.models import Checked, LoadedRow, ProblemCode, RejectedRow


def incomplete_products(rows: Sequence[LoadedRow], checked: Sequence[Checked]) -> frozenset[int]:
    """The ids of the products of which a row was rejected or not checked, as far as the row tells its product.

    Their old pictures must stay where a file's pictures replace them. A row that only repeats another one lacks
    nothing.
    """
    ids: set[int] = set()
    by_key: dict[str, int] = {}
    for item in checked:
        if item.product is None:
            continue
        by_key[f"id {item.product.id}"] = item.product.id
        if item.row.sku:
            by_key[f"sku {item.row.sku}"] = item.product.id
        if item.skipped or (item.problem is not None and item.problem.code != ProblemCode.URL_DUPLICATE):
            ids.add(item.product.id)
    for row in rows:
        if isinstance(row, RejectedRow) and row.problem.code != ProblemCode.URL_DUPLICATE:
            found = by_key.get(f"id {row.product_id.strip()}") or by_key.get(f"sku {row.sku.strip()}")
            ids |= {found} if found else set()
    return frozenset(ids)
