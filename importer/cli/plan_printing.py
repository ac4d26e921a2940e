"""What a run is going to do, for a person and for a script."""

from dataclasses import asdict

from importer.pipeline import Plan


def plan_text(plan: Plan) -> str:
    """The plan in two sentences."""
    what = f"Plan: {_count(plan.add, 'picture')} to add to {_count(plan.products, 'product')}"
    parts = [what, f"{plan.already_there:,} already there", f"{plan.rejected:,} rejected"]
    if plan.delete:
        parts.append(f"then {_count(plan.delete, 'old picture')} to delete")
    text = ", ".join(parts) + "."
    if not plan.add:
        return text
    text += f" This takes {_count(plan.requests, 'request')}"
    if plan.seconds is None:
        return f"{text}."
    pace = f"{plan.quota:,} requests in {plan.window:g} seconds"
    return f"{text}, {_duration(plan.seconds)} at the store's quota of {pace}."


def plan_json(plan: Plan) -> dict[str, object]:
    """The plan as a JSON object."""
    return asdict(plan) | {"seconds": plan.seconds}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds <= 60:
        return "less than a minute"
    if minutes < 120:
        return f"about {_count(minutes, 'minute')}"
    return f"about {round(seconds / 3600, 1):g} hours"
