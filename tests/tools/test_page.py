"""The report page is one file, and what is in it cannot break it."""

from __future__ import annotations

import base64

from tools.evaluation.page import figures_in_full, folded, note, page, picture, section, table


def test_a_page_has_its_title_and_its_parts_in_order() -> None:
    made = page("Screen", note("first"), section("Time", note("second")))
    assert made.startswith("<!doctype html>")
    assert "<title>Screen</title>" in made
    assert made.index("first") < made.index("<h2>Time</h2>") < made.index("second")


def test_a_picture_is_in_the_page_itself() -> None:
    encoded = base64.b64encode(b"PNG bytes").decode()
    assert picture("Time", b"PNG bytes") == f'<img alt="Time" src="data:image/png;base64,{encoded}">'


def test_every_cell_is_shown_as_it_is() -> None:
    assert table(("a", "b"), [("<b>", 1)]) == "<table><tr><th>a<th>b<tr><td>&lt;b&gt;<td>1</table>"


def test_what_the_figures_hold_is_folded_away_and_escaped() -> None:
    assert folded("more", "<p>x") == "<details><summary>more</summary><p>x</details>"
    assert "&lt;script&gt;" in figures_in_full({"<script>": 1})
