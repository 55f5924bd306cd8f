"""What a notebook would show of HTML: its tags, its text, and whether it is whole."""

from html.parser import HTMLParser

NEVER_CLOSED = {"br", "hr", "img", "input", "meta", "link"}


class Panel(HTMLParser):
    """A panel as a browser reads it: `tags` in order, `text` without the style."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.attributes, self.open = [], "", [], []
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {self.open}"
        assert self.tags[:2] == ["div", "style"], "a panel brings its style"
        assert not {"script", "iframe", "img", "link"} & set(self.tags)
        names = {name for name, _ in self.attributes}
        assert not {name for name in names if name.startswith("on")}, "a script in an attribute"
        assert not {"href", "src"} & names, "it loads nothing"

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in NEVER_CLOSED:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> in the wrong place"

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data + " "

    def count(self, tag):
        """How many elements of a tag there are."""
        return self.tags.count(tag)

    def values(self, name):
        """The values of an attribute, in order."""
        return [value for key, value in self.attributes if key == name]
