"""The page's part "compare": models beside the page's, and lists of names, from files of one's own."""

import random
import re
from base64 import b64encode

import pytest
from helpers import ROOT, call
from random_models import random_classifier, random_generator

import charnn
from charnn.inference import checkpoint
from charnn.views.gates import steps

pytestmark = pytest.mark.slow  # a browser
DROP = """([packed, name]) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name));
    for (const kind of ["dragover", "drop"]) {
        document.querySelector("#LIST").dispatchEvent(
            new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
    }
}"""


def drop(opened, where, name, content):
    """Drops a file of these bytes on a part of the page."""
    packed = b64encode(content).decode()
    opened.page.evaluate(DROP.replace("LIST", where), [packed, name])


def file_of(model):
    """A model file's bytes."""
    return checkpoint.to_bytes("model", model.arrays(), model.description())


def labelled(opened, name, content):
    """The file with labels that the page offers for a list that is dropped in: its name and bytes."""
    drop(opened, "list", name, content)
    opened.page.wait_for_selector("#download:not([hidden])", timeout=60_000)
    with opened.page.expect_download() as started:
        opened.page.locator("#download").press("Enter")
    return started.value.suggested_filename, started.value.path().read_bytes()


def by_command(tmp_path, name, content, *options):
    """The same by the command."""
    source = tmp_path / name
    source.write_bytes(content)
    target = tmp_path / f"labels{'.csv' if name.endswith('.txt') else source.suffix}"
    call("charnn.predict", "--input", source, "--output", target, *options)
    return target.read_bytes()


def bundled(count):
    """That many of the bundled names."""
    every = {
        line.strip()
        for path in (ROOT / "data" / "names").glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    return random.Random(3).sample(sorted(every), count)


STRANGE = [
    "",
    "王",
    "?",
    "  ",
    "O'Neill",
    "Smith, John",
    'Jo "Joe" Doe',
    "=1+1",
    "Şükrü",
    "🙂",
    "a b",
]


# ---------------------------------------------------------------- lists


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (390, "tr")])
def test_a_list_that_is_dropped_in_becomes_the_commands_table(open_page, tmp_path, width, language):
    content = "\n".join([*bundled(40), *STRANGE, *bundled(5)]).encode() + b"\r\nAda"
    opened = open_page("classifier", width, "dark", language)
    name, found = labelled(opened, "my names.txt", content)
    assert name == "my names-labels.csv"
    expected = by_command(tmp_path, "names.txt", content)
    assert expected.startswith(b"name,label,probability\n")
    assert found.decode() == expected.decode()
    rows = opened.page.locator("#list-rows tr").count()
    assert rows == 40 + len(STRANGE) + 5 + 1
    first = opened.page.locator("#list-rows tr").first.locator("th, td").all_inner_texts()
    label, probability = expected.decode().splitlines()[1].split(",")[1:]
    assert first[1:] == [label, probability.replace(".", "," if language == "tr" else ".")]
    said = {
        "en": "57 rows labelled; unknown: 5.",
        "tr": "57 satır etiketlendi; bilinmeyen: 5.",
    }[language]
    unknown = expected.decode().count(",unknown,\n")
    assert opened.lines("#list-state") == [re.sub(r"5\.$", f"{unknown}.", said)]
    assert opened.serious() == []
    opened.close()


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("one.csv", "name\nHinton\n\nŞükrü\nO'Neill", ()),
        ("marked.csv", '\ufeffsurname\r\nHinton\r\n"Doe, John"\r\n', ()),
        ("no header.csv", "Ada\nHinton\nAda\n", ()),
        (
            "several.csv",
            'id,Surname,city\n1,Hinton,London\n\n2,"O""Neill","Cork, x"\n3,x\n4,a,b,c\n',
            ("--column", "Surname"),
        ),
        ("semicolons.csv", "\nid;name\n1;Nguyen\n2;Kovačević\n", ("--column", "name")),
        ("excel.csv", "sep=;\nid;name\n1;Nguyen\n2;Kovačević\n", ("--column", "name")),
        ("tabs.tsv", "id\tname\n1\tNguyen\n2\tSatoshi\n", ("--column", "name")),
        (
            "lines.csv",
            'id,name,note\n1,Nguyen,"a\nb"\n2,Satoshi,c\n3,Ada,d\n',
            ("--column", "name"),
        ),
    ],
)
def test_tables_keep_their_bytes(open_page, tmp_path, name, content, options):
    opened = open_page("classifier")
    content = content.encode()
    found_name, found = labelled(opened, name, content)
    assert found_name == re.sub(r"\.(\w+)$", r"-labels.\1", name)
    assert found.decode() == by_command(tmp_path, name, content, *options).decode()
    opened.close()


def test_another_column_is_chosen_by_keyboard(open_page, tmp_path):
    opened = open_page("classifier")
    content = b"name,maiden name\nHinton,Boole\nNguyen,Satoshi\n"
    labelled(opened, "people.csv", content)
    opened.page.locator("#column").focus()
    opened.page.keyboard.press("m")  # the option that begins so
    opened.page.wait_for_function(
        "() => document.querySelector('#list-rows th').innerText === 'Boole'"
    )
    opened.page.wait_for_selector("#download:not([hidden])")
    with opened.page.expect_download() as started:
        opened.page.click("#download")
    expected = by_command(tmp_path, "people.csv", content, "--column", "maiden name")
    assert started.value.path().read_bytes() == expected
    opened.close()


@pytest.mark.parametrize(
    ("name", "content", "english", "turkish"),
    [
        ("a.txt", b"\n \n", "This file holds no name.", "Bu dosyada hiç ad yok."),
        ("a.txt", b"\xff\xfeA\0", "This file is UTF-16; save it as UTF-8.", "Bu dosya UTF-16"),
        ("a.txt", b"M\xfcller\n", "This file is not UTF-8; save it as UTF-8.", "UTF-8 değil"),
        ("a.txt", b"A\0\0B\n", "This file is no text.", "Bu bir metin dosyası değil."),
        ("a.txt", b"a,b\nc,d\ne,f\n", "The lines of this file have “,” as a table", "tablo gibi"),
        ("a.csv", b"Ada\nEmmy\n", "The first line, Ada, may name the column", "İlk satır (Ada)"),
        ("a.csv", b'a,b\n1,"x\n', "Line 2: a quote is opened and never closed", "Satır 2: açılan"),
        (
            "a.csv",
            b"name,label\nA,b\n",
            "The table already has a column label",
            "Tabloda zaten label",
        ),
    ],
)
def test_what_is_no_list_is_refused_in_words(open_page, tmp_path, name, content, english, turkish):
    opened = open_page("classifier")
    for said in (english, turkish):
        drop(opened, "list", name, content)
        opened.page.wait_for_selector("#list-wrong:not(:empty)")
        assert said in opened.lines("#list-wrong")[0]
        assert not opened.page.locator("#labelled").is_visible()
        opened.page.click("#language")
    opened.close()


def test_ten_thousand_names_leave_the_page_free_and_can_be_stopped(open_page):
    draw = random.Random(0)
    names = ["".join(draw.choices("aeioulnrst", k=7)).capitalize() for _ in range(10_000)]
    opened = open_page("classifier")
    opened.page.evaluate(
        """() => {
            window.longest = 0;
            let last = performance.now();
            const beat = () => {
                const now = performance.now();
                window.longest = Math.max(window.longest, now - last);
                last = now;
                window.beating = setTimeout(beat);
            };
            beat();
        }"""
    )
    drop(opened, "list", "many.txt", "\n".join(names).encode())
    opened.page.wait_for_function("() => document.querySelectorAll('#list-rows tr').length > 200")
    assert opened.page.evaluate("window.longest") < 400
    opened.page.locator("#list-stop").press("Enter")
    opened.page.wait_for_function(
        "() => document.querySelector('#list-state').innerText.match('Stopped')"
    )
    assert re.match(r"Stopped after [\d,]+ of 10,000 rows\.", opened.lines("#list-state")[0])
    assert not opened.page.locator("#download").is_visible()
    opened.close()


def test_more_rows_than_are_shown_are_in_the_file(open_page):
    opened = open_page(random_classifier())
    content = "\n".join(f"name{chr(97 + k % 26)}{chr(97 + k // 26 % 26)}" for k in range(1500))
    _, found = labelled(opened, "many.txt", content.encode())
    assert len(found.splitlines()) == 1501
    assert opened.page.locator("#list-rows tr").count() == 1000
    assert "The first 1,000 are shown" in opened.lines("#list-state")[0]
    opened.close()


# ---------------------------------------------------------------- models


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_models_of_ones_own_answer_beside_the_pages(open_page, width, scheme):
    others = {
        f"{cell}.safetensors": random_classifier(cell=cell, hidden=9, bidirectional=False)
        for cell in ("lstm", "rnn")
    }
    opened = open_page("classifier", width, scheme)
    opened.page.fill("#text", "Kovačević")
    for name, model in others.items():
        drop(opened, "own", name, file_of(model))
    opened.page.wait_for_selector("#beside > :nth-child(3)")
    opened.page.fill("#text", "Škoda")
    opened.page.wait_for_timeout(400)
    page_model = charnn.load(device="cpu")
    for place, model in enumerate([page_model, *others.values()]):
        column = opened.page.locator("#beside > div").nth(place)
        label, probability = model.predict("Škoda", top=1)[0]
        shown = column.locator(".bars li").first.inner_text()
        assert re.split(r"\s+", shown)[0] == label
        assert f"{100 * probability:.1f} %" in shown
        head = column.locator("thead th").all_text_contents()
        assert head == list("skoda")
        gates = column.locator("tbody th[scope=row]").all_text_contents()
        means = column.locator("tbody tr").nth(1).locator("td").all_inner_texts()
        (step, *_) = steps(model, "Škoda")[1]
        first = next(iter(step.values))
        assert gates[0] == first
        assert [float(mean) for mean in means] == pytest.approx(
            step.values[first].mean(1).tolist(), abs=0.006
        )
    assert "LSTM, 9 units" in opened.lines("#beside > div")[1]
    assert opened.serious() == []
    opened.page.get_by_role("button", name="Remove rnn.safetensors").press("Enter")
    assert opened.page.locator("#beside > div").count() == 2
    assert opened.focused() == "lstm.safetensors ×"
    opened.close()


def test_a_file_that_is_no_classifier_is_refused_in_words(open_page):
    good = file_of(random_classifier())
    changed = bytearray(good)
    changed[-3] ^= 1
    opened = open_page("classifier", language="en")
    for content, english, turkish in (
        (bytes(changed), "is damaged: its digest is not that", "Model dosyası bozuk;"),
        (good[:-9], "is not whole", "Model dosyası eksik;"),
        (b"PK\3\4" * 99, "is not whole", "Model dosyası eksik;"),
        (file_of(random_generator()), "holds a generator; give a classifier.", "bir üreteç var;"),
    ):
        for said in (english, turkish):
            drop(opened, "own", "model.safetensors", content)
            opened.page.wait_for_function(
                "(said) => document.querySelector('#own-wrong').innerText.includes(said)", arg=said
            )
            opened.page.click("#language")
        assert opened.page.locator("#own-models li").count() == 0
    opened.close()


def test_files_are_chosen_by_keyboard_in_turkish(open_page):
    opened = open_page("classifier", language="tr")
    # Choosers are caught from here on: expect_file_chooser alone asks for it as the key is pressed.
    opened.page.on("filechooser", lambda _: None)
    opened.page.fill("#text", "Ada")
    for button, name, content, shown in (
        ("own-file", "mine.safetensors", file_of(random_classifier()), "#beside h3 >> nth=1"),
        ("list-file", "adlar.txt", "Şükrü\nAda\n".encode(), "#download:not([hidden])"),
    ):
        opened.page.locator(f"#{button}").focus()
        with opened.page.expect_file_chooser() as chooser:
            opened.page.keyboard.press("Space")
        chooser.value.set_files([{"name": name, "mimeType": "", "buffer": content}])
        opened.page.wait_for_selector(shown)
    assert opened.lines("#beside h3") == ["Bu sayfadaki model", "mine.safetensors"]
    assert "kendi sınamasındaki doğruluğu %50,0" in opened.lines("#beside")[0]
    assert "gizli durum" in opened.lines("#beside")[0]
    assert opened.lines("#download") == ["Tabloyu indir"]
    opened.close()
