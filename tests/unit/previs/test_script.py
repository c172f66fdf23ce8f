"""What previs understands of a prompt."""

from __future__ import annotations

from math import isclose
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmgate.engines.previs.reading import looks, places, words
from filmgate.engines.previs.reading.script import MOST_SHOTS, read
from filmgate.engines.previs.reading.words import Meaning
from filmgate.engines.previs.scene import (
    Camera,
    Season,
    Setting,
    Shot,
    Style,
    Subject,
    Time,
    Weather,
)

Cases = list[tuple[str, set[Meaning]]]

EXPECTED: Cases = [
    # where, in English
    ("a lake in the mountains", {Setting.LAKE}),
    ("snow-capped peaks", {Setting.MOUNTAINS, Weather.CLEAR}),
    ("rolling hills and a meadow", {Setting.PLAINS}),
    ("sand dunes under a blue sky", {Setting.DESERT, Weather.CLEAR}),
    ("the open ocean", {Setting.SEA}),
    ("a sandy beach", {Setting.BEACH}),
    ("the skyline of Tokyo", {Setting.CITY}),
    ("New York from above", {Setting.CITY}),
    ("morning in Paris", {Setting.CITY, Time.DAWN}),
    ("a narrow alley", {Setting.STREET}),
    ("a street in Paris", {Setting.STREET}),
    ("a busy night market", {Setting.STREET, Time.NIGHT}),
    ("a quiet village", {Setting.VILLAGE}),
    ("deep in the pine forest", {Setting.FOREST}),
    ("a rain forest", {Setting.FOREST, Weather.CLEAR}),
    ("a cozy café", {Setting.INTERIOR}),
    ("in grandma's kitchen", {Setting.INTERIOR, Subject.PERSON}),
    ("drifting through space", {Setting.SPACE, Time.NIGHT}),
    ("an astronaut waves", {Setting.SPACE, Subject.ASTRONAUT}),
    ("an astronaut on a beach", {Setting.BEACH, Subject.ASTRONAUT}),
    ("a sailboat", {Setting.SEA, Subject.BOAT}),
    ("a sailboat on a lake", {Setting.LAKE, Subject.BOAT}),
    ("a toy boat on the kitchen floor", {Setting.INTERIOR, Subject.BOAT}),
    ("a whale breaches", {Setting.SEA, Subject.WHALE}),
    ("nothing in particular", {Setting.PLAINS, Time.DAY, Weather.CLEAR, Season.SUMMER}),
    # when, and under what sky
    ("golden hour on the farm", {Time.SUNSET, Setting.PLAINS}),
    ("at dusk", {Time.SUNSET}),
    ("sunrise", {Time.DAWN}),
    ("stars over the desert", {Time.NIGHT, Setting.DESERT}),
    ("neon signs", {Time.NIGHT, Setting.CITY}),
    ("full moon over the village", {Time.NIGHT, Setting.VILLAGE}),
    ("it is raining", {Weather.RAIN}),
    ("a drizzle at noon", {Weather.RAIN, Time.DAY}),
    ("thunder rolls", {Weather.STORM}),
    ("rain, thunder and lightning", {Weather.STORM}),
    ("a snowy field", {Weather.SNOW, Season.WINTER}),
    ("a blizzard", {Weather.SNOW, Season.WINTER}),
    ("snow in a summer meadow", {Weather.SNOW, Season.SUMMER}),
    ("mist over the river", {Weather.FOG, Setting.LAKE}),
    ("foggy harbour", {Weather.FOG, Setting.SEA}),
    ("an overcast morning", {Weather.CLOUDY, Time.DAWN}),
    ("cherry blossoms", {Season.SPRING}),
    ("autumn leaves on a lane", {Season.AUTUMN, Setting.STREET}),
    ("fall foliage", {Season.AUTUMN}),
    ("a frosty garden", {Season.WINTER}),
    # the camera
    ("slow push in", {Camera.PUSH}),
    ("the camera dollies in", {Camera.PUSH}),
    ("zoom in on her face", {Camera.PUSH}),
    ("zoom out slowly", {Camera.PULL}),
    ("the camera pulls back", {Camera.PULL}),
    ("pan left across the valley", {Camera.PAN_LEFT}),
    ("pans to the right", {Camera.PAN_RIGHT}),
    ("the camera tilts up", {Camera.TILT_UP}),
    ("crane down to the street", {Camera.TILT_DOWN}),
    ("hand-held documentary look", {Camera.HANDHELD}),
    ("a tracking shot of a horse", {Camera.TRACKING, Subject.HORSE}),
    ("camera follows the dog", {Camera.TRACKING, Subject.DOG}),
    ("locked-off wide shot", {Camera.STATIC}),
    ("a tree", {Camera.PUSH, Subject.TREE}),
    # who and what
    ("an old fisherman", {Subject.PERSON}),
    ("children playing", {Subject.CHILD}),
    ("two kittens", {Subject.CAT}),
    ("a puppy sleeps", {Subject.DOG}),
    ("a golden retriever", {Subject.DOG, Time.DAY}),
    ("geese in the sky", {Subject.BIRD}),
    ("a cruise liner", {Subject.SHIP}),
    ("the bride and groom", {Subject.COUPLE}),
    ("a cheering crowd", {Subject.CROWD}),
    ("a ballerina on stage", {Subject.DANCER, Setting.INTERIOR}),
    ("an android", {Subject.ROBOT}),
    ("a stag in the mist", {Subject.DEER, Weather.FOG}),
    ("hot air balloons", {Subject.BALLOON}),
    ("a locomotive", {Subject.TRAIN}),
    (
        "SETTING: beach\nCAMERA: static\nLIGHT: golden hour",
        {Setting.BEACH, Camera.STATIC, Time.SUNSET},
    ),
    # the style
    ("{anime} a cat", {Style.ANIME, Subject.CAT}),
    ("a cat {thanksgiving}", {Style.FESTIVE}),
    ("{handheld} a walk", {Style.HANDHELD, Camera.HANDHELD}),
    ("in the style of a comic book", {Style.COMIC}),
    ("vintage film of a train", {Style.RETRO, Subject.TRAIN}),
    ("a news report", {Style.NEWS, Camera.STATIC}),
    ("anime style, rain", {Style.ANIME, Weather.RAIN}),
    # the same in Chinese
    ("雪山", {Setting.MOUNTAINS, Weather.CLEAR}),
    ("一望无际的草原", {Setting.PLAINS}),
    ("沙漠里的骆驼", {Setting.DESERT}),
    ("无边的大海", {Setting.SEA}),
    ("西湖边的柳树", {Setting.LAKE, Subject.TREE}),
    ("沙滩上的狗", {Setting.BEACH, Subject.DOG}),
    ("上海的夜晚", {Setting.CITY, Time.NIGHT}),
    ("上海街头", {Setting.STREET}),
    ("江南古镇，细雨", {Setting.VILLAGE, Weather.RAIN}),
    ("竹林里的侠客", {Setting.FOREST, Subject.PERSON}),
    ("咖啡馆窗边", {Setting.INTERIOR}),
    ("宇航员在月球上行走", {Setting.SPACE, Subject.ASTRONAUT}),
    ("清晨的雾", {Time.DAWN, Weather.FOG}),
    ("夕阳下的灯塔", {Time.SUNSET, Subject.LIGHTHOUSE}),
    ("暴风雨中的帆船", {Weather.STORM, Subject.BOAT, Setting.SEA}),
    ("雪花飘落", {Weather.SNOW, Season.WINTER}),
    ("樱花盛开", {Season.SPRING}),
    ("枫叶", {Season.AUTUMN}),
    ("阴天的城市", {Weather.CLOUDY, Setting.CITY}),
    ("镜头缓慢推进", {Camera.PUSH}),
    ("镜头拉远", {Camera.PULL}),
    ("镜头向左横摇", {Camera.PAN_LEFT}),
    ("横摇", {Camera.PAN_RIGHT}),
    ("手持镜头", {Camera.HANDHELD}),
    ("跟拍一匹马", {Camera.TRACKING, Subject.HORSE}),
    ("固定机位", {Camera.STATIC}),
    ("女孩和小猫", {Subject.CHILD, Subject.CAT}),
    ("老人放风筝", {Subject.PERSON, Subject.KITE}),
    ("火车驶过大桥", {Subject.TRAIN, Subject.BRIDGE}),
    ("漫画风格的机器人", {Style.COMIC, Subject.ROBOT}),
    ("怀旧的街道", {Style.NOSTALGIC, Setting.STREET}),
    ("機器人撐著雨傘", {Subject.ROBOT, Subject.UMBRELLA, Weather.CLEAR}),
    ("黃昏時的燈塔，鏡頭拉遠", {Time.SUNSET, Subject.LIGHTHOUSE, Camera.PULL}),
    ("颱風中的輪船", {Weather.STORM, Subject.SHIP}),
]

TRAPS: Cases = [
    ("start the show", {Time.NIGHT}),
    ("a movie star smiles", {Time.NIGHT}),
    ("a red carpet", {Subject.CAR}),
    ("she trains hard, training all day", {Subject.TRAIN}),
    ("the season changes", {Setting.SEA}),
    ("a raincoat and an umbrella", {Weather.RAIN}),
    ("a hot dog stand", {Subject.DOG}),
    ("a bird's eye view", {Subject.BIRD}),
    ("depth of field is shallow", {Setting.SEA}),
    ("a couple of apples", {Subject.COUPLE}),
    ("spring rolls on a plate", {Season.SPRING}),
    ("scatter the seeds", {Subject.CAT}),
    ("a robotic voice says hello", {Subject.BOAT}),
    ("a city with no people", {Subject.CROWD}),
    ("a beach without any people or dogs", {Subject.CROWD, Subject.DOG}),
    ("a street, not raining", {Weather.RAIN}),
    ("an afternoon without rain", {Weather.RAIN}),
    ("there aren't any cars", {Subject.CAR}),
    (
        "a lake\nNegative prompt: people, rain, city",
        {Subject.CROWD, Weather.RAIN, Setting.CITY},
    ),
    ("after the rain", {Weather.RAIN}),
    ("火车", {Subject.CAR}),
    ("上海", {Setting.SEA}),
    ("雨伞", {Weather.RAIN}),
    ("机器人", {Subject.PERSON}),
    ("无人机航拍", {Subject.PERSON}),
    ("没有人的街道", {Subject.PERSON, Subject.CROWD}),
    ("不要下雨", {Weather.RAIN}),
    ("熊猫", {Subject.CAT}),
    ("马路上", {Subject.HORSE}),
    ("马上出发", {Subject.HORSE}),
    ("恐龙", {Subject.DRAGON}),
    ("雨后的天空", {Weather.RAIN}),
    ("浪花", {Subject.FLOWER}),
    ("雪花", {Subject.FLOWER}),
    ("鸟瞰城市", {Subject.BIRD}),
    ("猫头鹰", {Subject.CAT}),
    ("青春", {Season.SPRING}),
    ("令人惊叹", {Subject.PERSON}),
    ("沒有雨", {Weather.RAIN}),
]

TABLES = (
    words.SUBJECTS,
    places.SETTINGS,
    looks.TIMES,
    looks.WEATHERS,
    looks.SEASONS,
    looks.CAMERAS,
    looks.STYLES,
)
MEMBERS = [member for table in TABLES for member in table]


def facts(shot: Shot) -> set[Meaning]:
    said: set[Meaning] = {shot.setting, shot.time, shot.weather, shot.season, shot.camera}
    said.update(shot.subjects)
    if shot.style:
        said.add(shot.style)
    return said


def only(prompt: str) -> Shot:
    (shot,) = read(prompt, seconds=4, seed=0).shots
    return shot


def known(member: Meaning) -> words.Words:
    return next(table[member] for table in TABLES if member in table)


@pytest.mark.parametrize(("prompt", "expected"), EXPECTED)
def test_it_reads_what_is_said(prompt: str, expected: set[Meaning]) -> None:
    assert expected <= facts(only(prompt))


@pytest.mark.parametrize(("prompt", "absent"), TRAPS)
def test_it_does_not_read_what_is_not_said(prompt: str, absent: set[Meaning]) -> None:
    assert not absent & facts(only(prompt))


@pytest.mark.parametrize("member", MEMBERS)
def test_everything_can_be_said_in_english(member: Meaning) -> None:
    assert any(member in facts(only(word)) for word in known(member).en.split(", "))


@pytest.mark.parametrize("member", MEMBERS)
def test_everything_can_be_said_in_chinese(member: Meaning) -> None:
    assert any(member in facts(only(word)) for word in known(member).zh.split())


def test_the_tables_know_every_member() -> None:
    kinds = (Subject, Setting, Time, Weather, Season, Camera, Style)
    assert {member for kind in kinds for member in kind} == set(MEMBERS)


@pytest.mark.parametrize("style", Style)
def test_every_style_has_its_name_in_braces(style: Style) -> None:
    assert style is only(f"a tree {{{style.value}}}").style


def test_subjects_come_in_the_order_of_the_prompt_and_are_three_at_most() -> None:
    shot = only("a dog, a cat, another dog, a horse and a whale")
    assert shot.subjects == (Subject.DOG, Subject.CAT, Subject.HORSE)


def test_a_storyboard_is_scaled_to_the_length_of_the_film() -> None:
    script = read("[5.0s]a cat jumps [3s]it lands\n【2秒】it runs", seconds=5, seed=0)
    assert [shot.seconds for shot in script.shots] == [2.5, 1.5, 1.0]
    assert [shot.text for shot in script.shots] == ["a cat jumps", "it lands", "it runs"]


def test_the_words_before_a_storyboard_hold_for_every_shot() -> None:
    script = read(
        "{anime}A snowy night in Tokyo. [2s]a cat [2s]a dog on a beach", seconds=4, seed=0
    )
    first, second = script.shots
    assert {Setting.CITY, Time.NIGHT, Weather.SNOW, Style.ANIME, Subject.CAT} <= facts(first)
    assert {Setting.BEACH, Time.NIGHT, Weather.SNOW, Style.ANIME, Subject.DOG} <= facts(second)


def test_a_shot_goes_on_where_the_one_before_it_was() -> None:
    _, second = read(
        "[2s]a girl on a beach at dusk [2s]she turns round", seconds=4, seed=0
    ).shots
    assert {Setting.BEACH, Time.SUNSET, Subject.CHILD} <= facts(second)


def test_labelled_shots_share_the_film_equally() -> None:
    script = read("Shot 1: a whale. Shot 2: a lighthouse. Shot 3: a bird", seconds=6, seed=0)
    assert [shot.seconds for shot in script.shots] == [2.0, 2.0, 2.0]


def test_a_shot_of_no_seconds_is_still_seen() -> None:
    script = read("[0s]a cat [8s]a dog", seconds=8, seed=0)
    assert min(shot.seconds for shot in script.shots) > 0.3


def test_a_storyboard_has_an_end() -> None:
    assert len(read("[1s]a cat" * 3000, seconds=8, seed=0).shots) == MOST_SHOTS


def test_a_caption_has_no_brackets_and_fits_on_a_line() -> None:
    shot = only("{anime}  a   cat\n" + "and another cat " * 20)
    assert shot.text.startswith("a cat and another cat")
    assert shot.text.endswith("…")
    assert len(shot.text) <= 90


def test_a_chinese_caption_is_half_as_many_characters() -> None:
    assert 44 <= len(only("一只猫" * 40).text) <= 45


def test_the_seed_depends_on_the_prompt_and_on_the_seed_and_on_nothing_else() -> None:
    seeds = {read(prompt, seconds=4, seed=seed).seed for prompt in "ab" for seed in (1, 2)}
    assert len(seeds) == 4
    assert read("a cat", seconds=4, seed=7).seed == 215499428464184


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "🎬" * 16_000,
        "上海的小猫在火车站没有人撑着雨伞等飞机，" * 1600,
        "a red fox starts the car in the rain with no dogs, " * 640,
        "\n\t" * 16_000,
        "[1s]" * 8000,
        "{" * 32_000,
        "[1.1 - " * 4500,
    ],
)
def test_the_longest_prompts_are_read_at_once(prompt: str) -> None:
    started = process_time()
    script = read(prompt[:32_000], seconds=8, seed=0)
    assert script.shots
    assert process_time() - started < 0.5  # seconds; it takes 0.02


@settings(max_examples=200, deadline=None)
@given(
    prompt=st.text() | st.from_regex(r"(\w* ?[\[【]\d{1,3}(\.\d)?s[\]】] ?[\w{}]*){0,6}"),
    seconds=st.floats(min_value=0.5, max_value=120),
)
def test_any_text_is_a_film_of_the_right_length(prompt: str, seconds: float) -> None:
    script = read(prompt, seconds=seconds, seed=1)
    assert isclose(seconds, sum(shot.seconds for shot in script.shots), rel_tol=1e-9)
    assert all(shot.seconds > 0 for shot in script.shots)
    assert all(shot.text.isprintable() for shot in script.shots)
