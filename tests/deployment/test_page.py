"""The page of a classifier: what it says is what the commands say, letter by letter."""

import json
import re

import numpy as np
import pytest
from helpers import call
from random_models import random_classifier, random_generator

import charnn
from charnn.config import CELLS
from charnn.deployment.web import HERE, web_page
from charnn.inference.classifier import Classifier
from charnn.views.gates import steps

SOON = 100  # ms from a key press to the answer
LONG = "Wolfeschlegelsteinhausenbergerdorff"
ARABIC = "محمد"
CELLS_HERE = """(rows) => rows.map((row) => [
    Number(row.dataset.unit),
    Object.fromEntries([...row.querySelectorAll("td")].map((cell) =>
        [cell.dataset.name, [Number(cell.dataset.value), cell.textContent]])),
])"""
# Of each key press, the ms until the bars say something else.
TIMED = """() => {
    window.took = [];
    const bars = document.getElementById("bars");
    let since = null;
    document.addEventListener("input", () => { since = performance.now(); }, true);
    new MutationObserver(() => {
        if (since !== null) window.took.push(performance.now() - since);
        since = null;
    }).observe(bars, { childList: true });
}"""


def type_in(opened, text):
    """Types a text, and waits until its pictures are drawn."""
    opened.page.fill("#text", text)
    opened.page.wait_for_timeout(400)


def probabilities(opened):
    """The labels with bars, each with its probability."""
    rows = opened.page.locator("#bars li").evaluate_all(
        """(rows) => rows.map((row) => [
            row.querySelector(".label").textContent,
            Number(row.querySelector(".number").dataset.probability),
        ])"""
    )
    return dict(rows)


# ---------------------------------------------------------------- as text


def test_every_text_is_there_in_both_languages():
    texts = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
    for key, (english, turkish) in texts.items():
        assert english, key
        assert turkish, key
        gaps = [sorted(set(re.findall(r"\{(\w+)\}", text))) for text in (english, turkish)]
        # What the engine says of a file is in English alone, and may be left out in Turkish.
        assert gaps[0] == gaps[1] or (key.startswith("error.") and set(gaps[1]) < set(gaps[0])), key


def test_what_the_pages_name_is_among_the_texts():
    texts = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
    for file in [*HERE.glob("*.js"), *HERE.glob("*.html")]:
        source = file.read_text(encoding="utf-8")
        asked = re.findall(r'(?:\btext\(|data-text=|data-label=)"([\w.]+)"', source)
        for key in asked:
            assert key in texts, (file.name, key)


def test_a_page_links_to_the_others_and_loads_nothing():
    page = web_page(random_classifier(), [("one", "/pages/one"), ("<2>", "/pages/2")], "<2>")
    assert '<a href="/pages/one">one</a>' in page
    assert '<a href="/pages/2" aria-current="page">&lt;2&gt;</a>' in page
    policy = re.search(r'content="(default-src[^"]*)"', page)[1]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert " style=" not in page[: page.index("<script")]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["classifier", "generator"])
def test_a_page_is_small(model):
    assert len(web_page(charnn.load(model, "cpu")).encode()) < 5_000_000


# ---------------------------------------------------------------- the answer


@pytest.mark.slow
def test_the_answer_is_the_commands_to_three_digits(open_page):
    opened = open_page("classifier")
    opened.page.locator("#text").press_sequentially("Hinton")
    result = call("charnn.predict", "Hinton", "--json", "--top", 6)
    found = probabilities(opened)
    for row in json.loads(result.stdout)["predictions"]:
        assert found[row["label"]] == pytest.approx(row["probability"], abs=0.0005)
    assert sum(found.values()) == pytest.approx(1, abs=1e-4)
    opened.page.check("#all")
    assert len(probabilities(opened)) == len(charnn.load(device="cpu").labels)
    opened.close()


@pytest.mark.slow
def test_the_answer_comes_soon_after_a_key(open_page):
    opened = open_page("classifier")
    opened.page.evaluate(TIMED)
    for name in ("Satoshi", LONG):
        opened.page.fill("#text", "")
        opened.page.evaluate("() => { window.took = []; }")
        opened.page.locator("#text").press_sequentially(name, delay=120)
        took = opened.page.evaluate("window.took")
        assert len(took) == len(name)
        assert took[0] < SOON
        assert float(np.median(took)) < SOON
    opened.close()


@pytest.mark.slow
def test_each_letter_has_what_hiding_it_costs(open_page):
    opened = open_page("classifier")
    model = charnn.load(device="cpu")
    for name in ("Hinton", "Kovačević", "Straße!"):
        type_in(opened, name)
        [(label, _)] = model.predict(name, top=1)
        expected = model.occlusion(name)[:, model.labels.index(label)]
        rows = opened.page.locator("#evidence li")
        found = rows.evaluate_all("(rows) => rows.map((row) => Number(row.dataset.value))")
        np.testing.assert_allclose(found, expected, atol=1e-4)
        for text, value in zip(opened.lines("#evidence .number"), expected, strict=True):
            assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.00501)
            assert text[0] in "+−" or text == "0.00"
        assert label in opened.page.locator("#why").inner_text()
    opened.close()


@pytest.mark.slow
@pytest.mark.usefixtures("scripts_warned_of")
def test_doubts_and_unknown_letters_are_said(open_page):
    opened = open_page("classifier")
    for text in ("🙂", "?!"):
        type_in(opened, text)
        assert opened.lines("#best") == ["unknown"]
        assert opened.page.locator("#unknown").is_visible()
    for text in ("Hinton", "Geoffrey Hinton", "xqzwvkjxq" * 4, ARABIC):
        type_in(opened, text)
        doubts = charnn.load(device="cpu").doubts(text)
        said = opened.page.locator("#doubts").inner_text()
        assert ("unlike all" in said) == doubts.unlike_training
        assert ("several words" in said) == doubts.several_words
    assert opened.page.get_by_text("a label is a naming tradition").first.is_visible()
    opened.close()


# ---------------------------------------------------------------- inside


def same_as(opened, values, t):
    """Asserts that the table has the values (T, H) of letter t, in numbers too."""
    rows = opened.page.locator("#units tbody tr").evaluate_all(CELLS_HERE)
    assert sorted(unit for unit, _ in rows) == [*range(1, len(rows) + 1)]
    for name, expected in values.items():
        found = {unit: cells[name] for unit, cells in rows}
        numbers = [found[unit + 1][0] for unit in range(expected.shape[1])]
        np.testing.assert_allclose(numbers, expected[t], atol=1e-4)
        for value, shown in found.values():
            assert float(shown) == pytest.approx(value, abs=0.00501)


@pytest.mark.slow
def test_stepping_through_satoshi_shows_what_look_gates_says(open_page):
    opened = open_page("classifier")
    letters, expected, _ = steps(charnn.load(device="cpu"), "Satoshi")
    type_in(opened, "Satoshi")
    back = opened.page.get_by_role("button", name="Back", exact=True)
    on = opened.page.get_by_role("button", name="Forward", exact=True)
    for direction in expected:
        opened.page.get_by_role("button", name=direction.layer, exact=True).click()
        while back.is_enabled():
            back.click()
        for t, letter in enumerate(letters):
            assert opened.lines("#at")[0].startswith(f"Letter {t + 1} of 7: {letter}")
            same_as(opened, direction.values, t)
            chosen = int(opened.page.locator("#units tr.now").get_attribute("data-unit")) - 1
            for name, values in direction.values.items():
                shown = opened.lines(f'#one [data-name="{name}"]')[0].replace("−", "-")
                assert float(shown) == pytest.approx(values[t, chosen], abs=0.00051)
            if t + 1 < len(letters):
                on.click()
        assert on.is_disabled()
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_is_stepped_through(cell, open_page):
    model = random_classifier(cell=cell, layers=2, readout="last")
    opened = open_page(model)
    type_in(opened, "abba")
    _, expected, _ = steps(model, "abba")
    for direction in expected:
        opened.page.get_by_role("button", name=direction.layer, exact=True).click()
        opened.page.locator("#network .reads").nth(1).click()
        same_as(opened, direction.values, 1)
        assert opened.page.locator("#one dd").count() >= 1
    opened.close()


@pytest.mark.slow
def test_units_are_sorted_by_what_they_do(open_page):
    opened = open_page("classifier")
    _, (forwards, _), _ = steps(charnn.load(device="cpu"), "Satoshi")
    hidden, update = forwards.values["hidden state"], forwards.values["update gate"]
    type_in(opened, "Satoshi")
    opened.page.locator("#network .reads").nth(2).click()
    wanted = {
        "hidden state at the end": -hidden[-1],
        "hidden state at this letter": -hidden[2],
        "size of the change at this letter": -np.abs(hidden[2] - hidden[1]),
        "mean of the update gate over all letters": -update.mean(0),
        "number of the unit": np.arange(hidden.shape[1]),
    }
    for way, by in wanted.items():
        opened.page.select_option("#sort", label=way)
        found = opened.page.locator("#units tbody tr").evaluate_all(
            "(rows) => rows.map((row) => row.dataset.unit - 1)"
        )
        assert (np.diff(by[found]) >= -1e-5).all(), way
    opened.close()


@pytest.mark.slow
def test_it_plays_and_pauses(open_page):
    opened = open_page("classifier")
    type_in(opened, "Satoshi")
    opened.page.get_by_role("button", name="Play").click()
    opened.page.locator("#at", has_text="3 of 7").wait_for()
    opened.page.get_by_role("button", name="Pause").click()
    at = opened.lines("#at")
    opened.page.wait_for_timeout(1200)
    assert opened.lines("#at") == at
    opened.page.get_by_role("button", name="Play").click()
    opened.page.locator("#at", has_text="7 of 7").wait_for()
    opened.page.get_by_role("button", name="Play").wait_for()
    opened.close()


# ---------------------------------------------------------------- who it is for


@pytest.mark.slow
def test_the_keyboard_is_enough(open_page):
    opened = open_page("classifier")
    keys = opened.page.keyboard
    opened.page.locator("#text:focus").wait_for()
    keys.type("Satoshi")
    opened.page.wait_for_timeout(400)
    for _ in range(30):
        if opened.page.evaluate("document.activeElement.getAttribute('role')") == "button":
            break
        keys.press("Tab")
    for key, place in (("Home", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 7)):
        keys.press(key)
        assert opened.lines("#at")[0].startswith(f"Letter {place} of 7")
        label = opened.page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert label.startswith(f"Letter {place} of 7")
    for _ in range(30):
        if opened.page.evaluate("document.activeElement.closest('#units tr') !== null"):
            break
        keys.press("Tab")
    before = opened.focused()
    keys.press("ArrowDown")
    assert opened.focused() != before
    assert opened.lines("#unit") == [f"Unit {opened.focused()} at i"]
    opened.close()


@pytest.mark.slow
def test_it_speaks_turkish(open_page):
    opened = open_page("classifier", language="tr")
    type_in(opened, "Hinton")
    assert opened.page.evaluate("document.documentElement.lang") == "tr"
    body = opened.page.locator("body")
    for text in ("Bir ad yazın", "güncelleme kapısı", "gizli durum", "Her harften sonra"):
        assert text in body.inner_text()
    assert re.fullmatch(r"English\s+%\d+,\d", opened.lines("#bars li")[0])
    opened.page.locator("#language").click()
    assert opened.page.evaluate("[document.documentElement.lang, location.hash]") == ["en", "#en"]
    assert "Type a name" in body.inner_text()
    # Near names may be Turkish in any language.
    opened.page.locator("#neighbours").evaluate("(list) => { list.hidden = true; }")
    assert not re.search("[ğşı]", body.inner_text())
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_keeps_somebody_out(open_page, width, scheme):
    opened = open_page("classifier", width, scheme, reduced_motion="reduce")
    for text in ("", "Satoshi", LONG, ARABIC, "🙂"):
        type_in(opened, text)
        assert opened.serious() == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("build", [random_classifier, random_generator])
@pytest.mark.parametrize("width", [768, 1920])
def test_other_widths_and_models(open_page, build, width):
    model = build(layers=2, cell="lstm")
    opened = open_page(model, width, reduced_motion="reduce")
    opened.page.fill("#text", LONG if isinstance(model, Classifier) else "abba")
    opened.page.wait_for_timeout(600)
    assert opened.page.locator("#units tbody tr").count() == model.config.hidden
    assert opened.serious() == []
    opened.close()
