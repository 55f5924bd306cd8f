"""The page's part "write": names come letter by letter, and each letter says what else there was."""

import json
import re

import pytest
from helpers import call
from random_models import random_generator

import charnn

pytestmark = pytest.mark.slow  # a browser
ALL = "#written li:nth-child(8) button.sign"  # the end of the last of eight names
SLIDE = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }"


def write(opened, **fields):
    """Fills the fields, presses the button and waits until all names are there."""
    for name, value in fields.items():
        if name == "label":
            opened.page.select_option("#label", label=value)
        elif name in ("temperature", "top-p"):
            opened.page.eval_on_selector(f"#{name}", SLIDE, value)
        else:
            opened.page.fill(f"#{name}", value)
    opened.page.get_by_role("button", name="Write", exact=True).click()
    opened.page.wait_for_selector("#stop[disabled]")


def rows(opened, which):
    """The letters of a list of bars with their percentages, as they stand there."""
    found = opened.page.locator(f"#{which}-bars li").all_text_contents()
    return [re.fullmatch(r"(?:▸ )?(.)(.+)", line).groups() for line in found]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_names_are_written_with_their_bits(open_page, width, scheme):
    opened = open_page("generator", width, scheme)
    write(opened, label="Turkish", prefix="Yı", seed="5")
    texts, about = opened.lines("#written .text"), opened.lines("#written small")
    assert len(texts) == 8
    assert all(text.startswith("Yı") for text in texts)
    again = open_page("generator", reduced_motion="reduce")
    write(again, label="Turkish", prefix="Yı", seed="5")
    assert again.lines("#written .text") == texts
    again.close()
    model = charnn.load("generator", "cpu")
    for text, said in zip(texts, about, strict=True):
        bits = [bits for _, bits in model.bits_per_letter(text, "Turkish")][2:]
        assert said == f"Turkish, {sum(bits) / len(bits):.2f} bits per character"
    assert opened.serious() == []
    opened.close()


def test_names_come_one_after_the_other_and_can_be_stopped(open_page):
    opened = open_page("generator")
    opened.page.get_by_role("button", name="Write", exact=True).click()
    stop = opened.page.get_by_role("button", name="Stop")
    assert stop.is_enabled()
    opened.page.wait_for_selector("#written li:nth-child(2)")
    stop.press("Enter")
    opened.page.wait_for_timeout(200)
    found = opened.lines("#written .text")
    assert 2 <= len(found) < 8
    assert opened.focused() == "Write"
    opened.page.wait_for_timeout(300)
    assert opened.lines("#written .text") == found
    assert stop.is_disabled()
    write(opened)
    assert len(opened.lines("#written .text")) == 8
    opened.close()


def test_a_letter_says_what_else_could_have_come(open_page):
    opened = open_page("generator")
    write(opened, label="Czech", prefix="Nov", seed="1", temperature="0.5")
    assert opened.lines("#degrees") == ["0.5"]
    assert not opened.page.locator("#instead").is_visible()
    assert opened.lines("#after-what") == ["What else could have come"]
    opened.page.locator("#written li").nth(0).locator("button").nth(0).focus()
    for _ in range(3):
        opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("Enter")
    letter = opened.focused()
    assert opened.page.locator("#written [aria-pressed=true]").count() == 1
    assert opened.lines("#after-what") == ["After “Nov”"]
    assert opened.lines("#instead h3") == ["At temperature 0.5", "At temperature 1"]
    model = charnn.load("generator", "cpu")
    probabilities = dict(
        zip(
            model.vocabulary.symbols,
            charnn.inference.sampling.softmax(model.next_letter("Nov", "Czech")[None])[0, 1:],
            strict=True,
        )
    )
    powers = {letter: p**2 for letter, p in probabilities.items()}  # temperature 0.5
    sharper = {letter: power / sum(powers.values()) for letter, power in powers.items()}
    for which, expected in (("cold", probabilities), ("hot", sharper)):
        found = rows(opened, which)
        assert len(found) >= 12
        for shown, percent in found:
            number = float(re.sub(r"[^\d.]", "", percent))
            probability = expected[{"⏎": "\n", "␣": " "}.get(shown, shown)]
            assert number == pytest.approx(100 * probability, abs=0.1)
    cold = [shown for shown, _ in rows(opened, "cold")]
    best = sorted(probabilities, key=probabilities.get, reverse=True)[:12]
    assert cold[:12] == [{"\n": "⏎", " ": "␣"}.get(one, one) for one in best]
    assert [shown for shown, _ in rows(opened, "hot")] == cold
    marked = opened.page.locator("#cold-bars .written-one .label").inner_text()
    assert marked == f"▸ {letter}"
    # The sliders change the first list, not the second; what top-p leaves out is never drawn.
    before = rows(opened, "cold")
    opened.page.eval_on_selector("#top-p", SLIDE, "0.3")
    assert opened.lines("#instead h3")[0] == "At temperature 0.5, top-p 30 %"
    assert rows(opened, "hot")[-1][1] == "–"
    assert rows(opened, "cold") == before
    assert opened.serious() == []
    opened.close()


def test_a_prefix_with_an_unknown_letter_is_refused_in_both_languages(open_page):
    opened = open_page("generator")
    opened.page.fill("#prefix", "王")
    opened.page.keyboard.press("Enter")
    assert opened.lines("#wrong") == ["The model does not know 王; leave it out."]
    opened.page.click("#language")
    opened.page.keyboard.press("Tab")
    opened.page.get_by_role("button", name="Yaz", exact=True).click()
    assert opened.lines("#wrong") == ["Model 王 harfini tanımıyor; onsuz yazın."]
    opened.close()


def test_in_turkish(open_page):
    opened = open_page("generator", language="tr", reduced_motion="reduce")
    opened.page.wait_for_selector("#stop[disabled]")
    about = opened.lines("#written small")
    assert all(re.fullmatch(r".+, karakter başına \d,\d\d bit", line) for line in about)
    opened.page.locator("#written button").first.click()
    assert opened.lines("#after-what") == ["En başta"]
    assert opened.lines("#cold") == ["Sıcaklık 1 iken"]
    assert opened.page.locator("#cold-bars .number").first.inner_text().startswith("%")
    opened.page.click("#language")
    assert opened.lines("#after-what") == ["At the beginning"]
    assert opened.lines("#written small")[0].endswith("bits per character")
    opened.close()


def test_running_text_streams_in_and_stops(open_page):
    model = random_generator(text=True, hidden=200, layers=3)
    opened = open_page(model, 390)
    opened.page.wait_for_function("() => document.querySelectorAll('#written button').length > 20")
    count = opened.page.locator("#written button").count()
    assert count < 500
    opened.page.get_by_role("button", name="Stop").click()
    opened.page.wait_for_timeout(100)
    stopped = opened.page.locator("#written button").count()
    opened.page.wait_for_timeout(300)
    assert opened.page.locator("#written button").count() == stopped < 500
    opened.page.get_by_role("button", name="Write", exact=True).click()
    opened.page.wait_for_selector("#stop[disabled]", timeout=60_000)
    assert opened.page.locator("#written button").count() == 500
    opened.page.locator("#written button").nth(5).click()
    assert opened.page.locator("#cold-bars li").count() >= 12
    opened.close()


def test_a_given_name_is_scored_as_the_command_does(open_page):
    opened = open_page("generator")
    opened.page.fill("#text", "Satoshi")
    opened.page.select_option("#of-label", label="Japanese")
    opened.page.wait_for_timeout(400)
    result = call("charnn.generate", "--label", "Japanese", "--score", "Satoshi", "--json")
    bits = json.loads(result.stdout)["bits_per_char"]
    assert opened.lines("#mean") == [f"{bits:.2f} bits per character"]
    assert opened.page.locator("#bits li").count() == len("Satoshi") + 1
    opened.close()
