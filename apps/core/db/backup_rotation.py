"""Which of the backups in a folder stay: the newest of each day, week and month, for a while."""

import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

DAYS, WEEKS, MONTHS = 7, 5, 12  # That have a backup; days without one do not count.
LEFT_OVER = 86_400  # Seconds, after which nobody is writing any more.

_NAME = re.compile(r"parlor-(\d{4}-\d{2}-\d{2}T\d{6})Z\.tar\.gz")
_STAMP = "%Y-%m-%dT%H%M%S"
_PERIODS: tuple[tuple[int, Callable[[datetime], object]], ...] = (
    (DAYS, datetime.date),
    (WEEKS, lambda moment: moment.isocalendar()[:2]),
    (MONTHS, lambda moment: (moment.year, moment.month)),
)


def new_name(now: datetime) -> str:
    return f"parlor-{now.astimezone(UTC).strftime(_STAMP)}Z.tar.gz"


def thin_out(folder: Path) -> list[Path]:
    """Remove the backups that are older than needed, and what a killed one has left; return them.

    Only what has a name of ours is ours to remove; the newest backup always stays.
    """
    dated = {path: moment for path in folder.iterdir() if (moment := _moment(path.name))}
    kept = {
        moment for count, period in _PERIODS for moment in _newest(dated.values(), period, count)
    }
    gone = [path for path, moment in dated.items() if moment not in kept]
    gone += [path for path in folder.glob("parlor-*.part") if _is_left_over(path)]
    for path in gone:
        path.unlink(missing_ok=True)
    return sorted(gone)


def _moment(name: str) -> datetime | None:
    match = _NAME.fullmatch(name)
    return datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC) if match else None


def _newest(
    moments: Iterable[datetime], period: Callable[[datetime], object], count: int
) -> list[datetime]:
    newest = {period(moment): moment for moment in sorted(moments)}
    return sorted(newest.values())[-count:]


def _is_left_over(path: Path) -> bool:
    return path.stat().st_mtime < time.time() - LEFT_OVER
