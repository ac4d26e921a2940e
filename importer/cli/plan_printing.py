"""What a run is going to do, for a person and for a script."""

import math
from dataclasses import asdict

from importer.cli.counting import counted
from importer.pipeline import Plan
from importer.report import about_variants


def plan_text(plan: Plan) -> str:
    """The plan in two sentences."""
    what = f"Plan: {counted(plan.add, 'picture')} to add to {counted(plan.products, 'product')}"
    parts = [what, f"{plan.already_there:,} already there"]
    if plan.probably_there:
        parts.append(f"{plan.probably_there:,} probably there (same file name)")
    parts.append(f"{plan.rejected:,} rejected")
    if plan.delete:
        parts.append(f"then {counted(plan.delete, 'old picture')} to delete")
    text = ", ".join(parts) + "."
    if plan.keep:
        text += f" {counted(plan.keep, 'old picture')} will stay, because the file has rows that are not sent."
    if plan.variants_left:
        text += f" {about_variants(plan.variants_left)}"
    if not (plan.add or plan.delete):
        return text
    text += f" This takes {counted(plan.requests, 'request')}"
    if not plan.quota:
        return f"{text}."
    pace = f"the store's quota of {plan.quota:,} requests in {plan.window:g} seconds"
    return f"{text}, {f'{_duration(plan.seconds)} at' if plan.seconds else 'within'} {pace}."


def plan_json(plan: Plan) -> dict[str, object]:
    """The plan as a JSON object."""
    return asdict(plan) | {"seconds": plan.seconds}


def _duration(seconds: float) -> str:
    # Rounded down, or it would not be true that it takes at least so long.
    minutes = math.floor(seconds / 60)
    if not minutes:
        return "less than a minute"
    if minutes < 120:
        return f"at least {counted(minutes, 'minute')}"
    return f"at least {math.floor(minutes / 6) / 10:g} hours"
