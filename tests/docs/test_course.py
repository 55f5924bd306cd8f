"""The course: what every page has, that its commands run and their output is put in."""

import ast
import re

import pytest
from helpers import ROOT, call, error_of, load_script

COURSE = load_script(ROOT / "scripts" / "build_course.py")
ENGLISH = sorted(COURSE.ENGLISH.glob(COURSE.PAGES))
TURKISH = sorted(COURSE.TURKISH.glob(COURSE.PAGES))
CONF = load_script(ROOT / "docs" / "conf.py")
# The pages beside the course that are there in Turkish, too.
BESIDE = [page.stem for page in sorted(COURSE.TURKISH.glob("*.md")) if page not in TURKISH]

FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
INCLUDE = re.compile(r"^```\{literalinclude\} (\S+)\n((?::.*\n)*)", re.MULTILINE)
PICTURE = re.compile(r"!\[[^\]]+\]\((\S+)\)")  # with a text for those who cannot see it
EXERCISES = re.compile(r"^## (?:Exercises|Alıştırmalar)$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def named(page):
    """A test's name for a page: its language and its file."""
    return f"{page.parent.name}-{page.stem}"


def includes(page):
    """The source files that a page includes, each with its options."""
    text = page.read_text(encoding="utf-8")
    return [
        (
            (page.parent / file).resolve(),
            dict(re.findall(r"^:([\w-]+): *(.*)$", options, re.MULTILINE)),
        )
        for file, options in INCLUDE.findall(text)
    ]


def pictures(page):
    """The pictures that a page shows."""
    return [
        (page.parent / link).resolve() for link in PICTURE.findall(page.read_text(encoding="utf-8"))
    ]


def commands(page):
    """The commands of a page, each with what it printed."""
    text = page.read_text(encoding="utf-8")
    return [(block.command, text[block.start : block.end]) for block in COURSE.blocks(text, page)]


# ---------------------------------------------------------------- the pages as they are written


@pytest.mark.parametrize("page", ENGLISH + TURKISH, ids=named)
def test_a_page_has_code_output_a_picture_and_two_exercises(page):
    text = page.read_text(encoding="utf-8")
    prose = FENCE.sub("", text)
    assert len(re.findall(r"^# \S", prose, re.MULTILINE)) == 1
    assert includes(page)
    assert any(output.strip() for _, output in commands(page))
    assert pictures(page)
    assert all(picture.is_file() for picture in pictures(page)), pictures(page)
    exercises = EXERCISES.findall(prose)
    assert len(exercises) == 1
    assert re.findall(r"^(?:### )?(?:\*\*)?(\d)\.", exercises[0], re.MULTILINE) == ["1", "2"]


@pytest.mark.parametrize("page", ENGLISH + TURKISH, ids=named)
def test_what_a_page_includes_is_in_the_source(page):
    for file, options in includes(page):
        assert file.is_relative_to(ROOT)
        inside = ast.parse(file.read_text(encoding="utf-8")).body
        for name in options.get("pyobject", "").split("."):
            if name:
                found = [node for node in inside if getattr(node, "name", None) == name]
                assert found, f"{file.name}: {options['pyobject']}"
                inside = found[0].body


def test_every_page_is_there_in_both_languages():
    assert [page.name for page in TURKISH] == [page.name for page in ENGLISH]


@pytest.mark.parametrize("page", TURKISH, ids=named)
def test_a_turkish_page_shows_what_the_english_one_shows(page):
    original = COURSE.ENGLISH / page.name
    assert commands(page) == commands(original)
    assert includes(page) == includes(original)
    assert pictures(page) == pictures(original)


@pytest.mark.parametrize("page", TURKISH, ids=named)
def test_a_turkish_page_links_to_the_turkish_one_where_it_is_there(page):
    links = set(re.findall(r"\]\(\.\./(\w+)\.md", page.read_text(encoding="utf-8")))
    assert not links & set(BESIDE)


def test_each_turkish_page_leads_to_an_english_one_and_back():
    docs = ROOT / "docs"
    pages = {page.relative_to(docs).with_suffix("").as_posix() for page in docs.rglob("*.md")}
    assert {"index", "reviews", "weather", "prices"} <= set(BESIDE)
    english = [*(f"course/{page.stem}" for page in ENGLISH), *BESIDE]
    for one in english:
        other = f"tr/{one.removeprefix('course/')}"
        assert CONF.other_language(one, pages) == (other, "tr", "Türkçe")
        assert CONF.other_language(other, pages) == (one, "en", "English")
    assert CONF.other_language("networks", pages) is None
    assert CONF.other_language("tr/weather", pages - {"weather"}) is None


# ---------------------------------------------------------------- the script that fills them in

PAGE = """\
# A page

```console
$ python -c "open('kept.txt', 'w').write('one'); print('first  ')"
old
```

```console
$ python -c "import os; print(open('kept.txt').read(), os.path.isdir('data/names')); open('b.png', 'wb').write(b'B')"
```

![what it drew](drawn.png)

![one of the project's](../curves.png)

```console
$ python -c ""
no longer
```
"""


@pytest.fixture
def page(tmp_path):
    """A page with three commands, of which the second draws."""
    path = tmp_path / "01-page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_the_outputs_and_the_picture_of_a_page_are_put_in(page):
    result = call(COURSE.main, page)
    assert result.returncode == 0, result
    assert [output for _, output in commands(page)] == ["first\n", "one True\n", ""]
    assert (page.parent / "drawn.png").read_bytes() == b"B"
    assert result.stdout.splitlines() == [str(page.parent / "drawn.png"), str(page)]
    text = page.read_text(encoding="utf-8")
    expected = (
        PAGE.replace("old\n", "first\n")
        .replace("(b'B')\"\n", "(b'B')\"\none True\n")
        .replace("no longer\n", "")
    )
    assert text == expected
    assert sorted(path.name for path in page.parent.iterdir()) == ["01-page.md", "drawn.png"]


def test_a_second_time_nothing_changes(page):
    call(COURSE.main, page)
    before = page.stat()
    result = call(COURSE.main, page)
    assert (result.returncode, result.stdout) == (0, "")
    assert page.stat() == before


def test_a_command_that_fails_is_named_with_its_error_and_nothing_is_written(page):
    page.write_text(PAGE.replace('-c ""', "-m charnn.predict --top 0 Hinton"), encoding="utf-8")
    before = page.read_bytes()
    error = error_of_command(call(COURSE.main, page))
    assert "`python -m charnn.predict --top 0 Hinton` ended with exit code 2" in error
    assert "--top 0" in error.split("exit code 2")[1]
    assert page.read_bytes() == before
    assert not (page.parent / "drawn.png").exists()


def error_of_command(result):
    """The script's one line; the command's own stands above it."""
    result.stderr = "\n".join(line for line in result.stderr.splitlines()[-1:])
    return error_of(result)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("old\n", "$ python\n", "console block of line 3 must hold one command"),
        ('$ python -c ""\n', "", "console block of line 16 must hold one command"),
        ('-c ""', "-c \"print(96 and '`' * 3)\"", "has a line that ends its block"),
        ('-c ""', '-c "', "No closing quotation"),
        ("(drawn.png)", "(drawn.svg)", "wrote b.png, the page shows drawn.svg"),
        ("write(b'B')", "write(b'B'); open('c.png', 'wb')", "wrote b.png, c.png"),
        ("'b.png'", "'b.txt'", "wrote none"),
    ],
)
def test_a_page_that_cannot_be_filled_says_why(page, old, new, error):
    page.write_text(PAGE.replace(old, new), encoding="utf-8")
    assert error in error_of_command(call(COURSE.main, page))
    assert error_of(call(COURSE.main, page.parent / "02-none.md")).endswith(
        "give a file of docs/course or docs/tr"
    )


def test_a_turkish_page_takes_over_and_runs_nothing(page, monkeypatch):
    turkish = page.parent / "tr" / page.name
    turkish.parent.mkdir()
    turkish.write_text(
        PAGE.replace("# A page", "# Bir sayfa").replace("(drawn", "(../drawn"), encoding="utf-8"
    )
    monkeypatch.setattr(COURSE, "ENGLISH", page.parent)
    monkeypatch.setattr(COURSE, "TURKISH", turkish.parent)
    result = call(COURSE.main)
    assert result.returncode == 0, result
    assert result.stderr.count("$ python") == 3
    assert commands(turkish) == commands(page)
    assert turkish.read_text(encoding="utf-8").startswith("# Bir sayfa\n")
    turkish.write_text(PAGE.replace("kept", "other"), encoding="utf-8")
    assert "give both pages the same commands" in error_of(call(COURSE.main, turkish))


# ---------------------------------------------------------------- the commands, in small

SMALL = {
    "charnn.train": "--epochs 1 --hidden 8",
    "charnn.look recall": "--batches 3 --hidden 8",
    "charnn.look gradients": "--hidden 8",
}


def small(command):
    """The command with flags that make it quick; a later flag wins over an earlier one."""
    flags = [flags for start, flags in SMALL.items() if command.startswith(f"python -m {start}")]
    return " ".join([command, *flags]) if "--model" not in command else command


def test_small_commands_are_those_that_train():
    train = "python -m charnn.train --out runs/lstm"
    assert small(train) == f"{train} --epochs 1 --hidden 8"
    for view in ("gates Satoshi", "gradients --model runs/lstm/model.safetensors"):
        assert small(f"python -m charnn.look {view}") == f"python -m charnn.look {view}"


@pytest.mark.slow
@pytest.mark.parametrize("page", ENGLISH, ids=named)
def test_every_command_of_a_page_runs(page):
    with COURSE.workshop() as folder:
        for block in COURSE.blocks(page.read_text(encoding="utf-8"), page):
            ran = COURSE.run(small(block.command), folder)
            if block.picture or re.match(r"python -m charnn\.look (?!summary)", block.command):
                assert COURSE.the_picture(block, ran).stat().st_size > 1000
