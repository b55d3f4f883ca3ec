"""Play at length what the suite plays a little of, with the figures: `python -m tests.faults`.

    storm   clicks in a network that is cut, killed and changed elsewhere, and the law after each
    caldav  the same with a CalDAV account, whose every line must stay that was not clicked
    kills   oO as a process, killed by SIGKILL at random moments, and the law after each
    tokens  refresh tokens that rotate, in the same network, and under kills
    desktop the service behind this computer's lists, killed between click and confirmation
    soak    a running oO for twenty minutes: what it uses in the end is what it used before

Exits with 1 when anything is not as it must be.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.faults import caldav_storm, desktop_kills, kills_campaign, soak, token_kills, tokens
from tests.faults import storm as storms


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)
    storm = commands.add_parser("storm", help="many schedules, or one of them told in full")
    _add_schedules(storm, 2000)
    storm.set_defaults(run=play_storms)
    caldav = commands.add_parser("caldav", help="many schedules with CalDAV, or one told in full")
    _add_schedules(caldav, 500)
    caldav.set_defaults(run=play_caldav)
    token = commands.add_parser("tokens", help="many schedules of renewals, and kills of processes")
    _add_schedules(token, 500)
    token.add_argument("--kills", type=int, default=40, help="of real processes")
    token.set_defaults(run=play_tokens)
    long = commands.add_parser("soak", help="a running oO for long")
    long.add_argument("--minutes", type=float, default=20)
    long.add_argument("--actions", type=int, default=10_000)
    long.set_defaults(run=play_soak)
    kills = commands.add_parser("kills", help="many kills, or one batch of them again")
    kills.add_argument("--runs", type=int, default=500, help="how many kills")
    kills.add_argument("--seed", type=int, default=1)
    kills.add_argument("--only", type=int, metavar="BATCH", help="play this one again")
    kills.set_defaults(run=play_kills)
    desktop = commands.add_parser("desktop", help="many kills of Evolution Data Server")
    desktop.add_argument("--runs", type=int, default=200, help="how many clicks")
    desktop.add_argument("--seed", type=int, default=1)
    desktop.set_defaults(run=play_desktop)
    options = parser.parse_args()
    code: int = options.run(options)
    return code


def _add_schedules(parser: argparse.ArgumentParser, count: int) -> None:
    parser.add_argument("--schedules", type=int, default=count)
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--only", type=int, metavar="SEED", help="tell this one")


def _verdict(wrong: Sequence[str], well: str = "the law is kept") -> int:
    """Say what is wrong, or that all is well; the exit code."""
    print(*wrong or [well], sep="\n")
    return 1 if wrong else 0


def play_kills(options: argparse.Namespace) -> int:
    return kills_campaign.main(runs=options.runs, seed=options.seed, only=options.only)


def play_desktop(options: argparse.Namespace) -> int:
    return desktop_kills.main(runs=options.runs, seed=options.seed)


def play_storms(options: argparse.Namespace) -> int:
    return _play(options, storms.storm)


def play_caldav(options: argparse.Namespace) -> int:
    return _play(options, caldav_storm.storm)


def _play(options: argparse.Namespace, storm: storms.Play) -> int:
    if options.only is not None:
        return _verdict(storm(options.only, say=print).violations)
    began = time.monotonic()
    fates: Counter[str] = Counter()
    cuts: Counter[str] = Counter()
    besides: Counter[str] = Counter()
    broken: list[storms.Outcome] = []
    requests = restarts = 0
    for seed in range(options.seed, options.seed + options.schedules):
        outcome = storm(seed)
        fates += outcome.fates
        cuts += outcome.cuts
        besides += outcome.besides
        requests += outcome.requests
        restarts += outcome.restarts
        if outcome.violations:
            broken.append(outcome)
            print(f"seed {seed}:", *outcome.violations, sep="\n    ", flush=True)
    lost, twice, foreign = (
        sum(word in said for outcome in broken for said in outcome.violations)
        for word in ("lost", " times", "foreign")
    )
    print(
        f"{options.schedules:,} schedules in {time.monotonic() - began:.0f} s: "
        f"{fates.total():,} clicks, {requests:,} requests, {cuts.total():,} cuts, "
        f"{restarts:,} restarts and kills",
        _counted(fates),
        _counted(cuts + besides),
        f"{lost} lost, {twice} twice, {foreign} with foreign lines changed, "
        f"{len(broken)} schedules that broke the law",
        sep="\n",
    )
    return 1 if broken else 0


def play_tokens(options: argparse.Namespace) -> int:
    if options.only is not None:
        return _verdict(tokens.schedule(options.only, say=print).violations)
    counts: Counter[str] = Counter()
    broken: list[str] = []
    for seed in range(options.seed, options.seed + options.schedules):
        outcome = tokens.schedule(seed)
        counts += outcome.counts
        broken += [f"seed {seed}: {said}" for said in outcome.violations]
    for seed in range(options.kills):
        with tempfile.TemporaryDirectory() as folder:
            wrong = asyncio.run(token_kills.killed_once(Path(folder), Random(seed)))
        broken += [f"kill {seed}: {said}" for said in wrong]
    with tempfile.TemporaryDirectory() as folder:
        renewals, _ = asyncio.run(token_kills.two_at_once(Path(folder)))
    print(*broken, sep="\n")
    print(
        f"{options.schedules:,} schedules: {counts['renewals']:,} renewals, {counts['cuts']:,} cuts"
        f" of {counts['requests']:,} requests, {counts['kills']:,} kills; {counts['reconnects']:,}"
        f" times nothing was left but a reconnect, {counts['given up unknowing']:,} of them because"
        " nobody could know that a lost request had not arrived",
        f"{options.kills} real processes killed while they renewed;"
        f" two processes at once: {renewals} renewal",
        f"{sum('replayed' in said for said in broken)} replayed after the grace,"
        f" {sum('without need' in said or 'lost' in said for said in broken)} lost without need,"
        f" {len(broken)} violations",
        sep="\n",
    )
    return 1 if broken or renewals != 1 else 0


def play_soak(options: argparse.Namespace) -> int:
    wrong = soak.soak(minutes=options.minutes, actions=options.actions)
    return _verdict(wrong, "nothing left behind, nothing complained of")


def _counted(counter: Counter[str]) -> str:
    return "  " + ", ".join(f"{count:,} {name}" for name, count in counter.most_common())


if __name__ == "__main__":
    sys.exit(main())
