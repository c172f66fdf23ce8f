"""Who waits for news of a job."""

from filmgate.gateway.watching import Watchers


def test_whoever_still_watches_hears_of_it() -> None:
    told: list[str] = []
    watchers = Watchers(told.append)
    with watchers.on("video_1") as stays:
        with watchers.on("video_1") as goes:
            pass
        watchers.tell("video_1")
        assert (stays.is_set(), goes.is_set()) == (True, False)
    watchers.tell("video_1")
    assert told == ["video_1", "video_1"]
    assert not watchers._bells
