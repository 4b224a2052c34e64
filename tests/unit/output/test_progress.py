from crmcli.output.progress import Progress
from tests.unit.output.capture import CapturedStreams


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_short_work_is_silent() -> None:
    streams, clock = CapturedStreams(terminal=True), Clock()
    with Progress(streams, "importing", 100, clock=clock) as progress:
        clock.now += 0.9
        progress.update(50)
    assert streams.stderr == ""


def test_long_work_tells_rate_rejects_and_time_left_and_leaves_nothing() -> None:
    streams, clock = CapturedStreams(terminal=True), Clock()
    with Progress(streams, "importing", 10_000, clock=clock) as progress:
        clock.now += 2
        progress.update(2_000, 3)
        told = "importing: 2,000 of 10,000 rows, 1,000 a second, 3 rejected, 0:08 left"
        assert streams.stderr == "\r" + told
        clock.now += 0.05
        progress.update(2_050)
        assert streams.stderr == "\r" + told
    assert streams.stderr == "\r" + told + "\r" + " " * len(told) + "\r"
    assert streams.stdout == ""


def test_what_another_run_has_done_is_no_speed_of_this_one() -> None:
    streams, clock = CapturedStreams(terminal=True), Clock()
    with Progress(streams, "importing", 10_000, before=5_000, clock=clock) as progress:
        clock.now += 2
        progress.update(7_000)
        assert streams.stderr == "\rimporting: 7,000 of 10,000 rows, 1,000 a second, 0:03 left"


def test_a_shorter_line_leaves_no_rest_of_the_longer() -> None:
    streams, clock = CapturedStreams(terminal=True), Clock()
    progress = Progress(streams, "reading", clock=clock)
    clock.now += 2
    progress.update(10, 5)
    clock.now += 3600
    progress.update(10)
    assert streams.stderr.split("\r")[-2:] == [
        " " * len("reading: 10 rows, 5 a second, 5 rejected"),
        "reading: 10 rows, 0 a second",
    ]


def test_the_line_fits_the_screen() -> None:
    streams, clock = CapturedStreams(terminal=True, columns=30), Clock()
    progress = Progress(streams, "importing contacts from a long name", 10**9, clock=clock)
    clock.now += 2
    progress.update(1)
    assert len(streams.stderr.strip("\r")) == 29


def test_off_a_terminal_quiet_or_plain_there_is_none() -> None:
    for streams in (
        CapturedStreams(),
        CapturedStreams(terminal=True, quiet=True),
        CapturedStreams(terminal=True, plain=True),
    ):
        clock = Clock()
        with Progress(streams, "importing", 10, clock=clock) as progress:
            clock.now += 5
            progress.update(5)
        assert streams.stderr == ""
