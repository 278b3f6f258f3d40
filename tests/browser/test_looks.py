"""What is looked for on every page is found where it is; and a watched page tells what it did."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.looks import DESK, PHONE, findings
from tests.browser.watch import Watch

BAD = """<!doctype html><html lang="en"><title>Bad</title><main>
<style>@media (prefers-color-scheme: dark) {p {color: #777; background: #666}}</style>
<h1>Bad</h1><input type="text"><p>Hardly to be read by night</p>
<details><summary>More</summary><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></details>
<div style="width: 1000px">wide</div></main>"""


ELOQUENT = """<meta http-equiv="Content-Security-Policy" content="style-src 'none'">
<p style="color: red">x</p><script>console.error("said"); nowhere()</script>
<img src="http://elsewhere.example.org/x.png" alt="">"""


def test_what_keeps_people_out_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(BAD)
    at_desk, on_phone = findings(page, DESK), findings(page, PHONE)
    page.close()
    for found in (at_desk, on_phone):
        told = [each.partition(",")[0] for each in found]
        assert {"light: label", "dark: label", "light: image-alt", "dark: color-contrast"} <= set(
            told
        )
        assert "light: color-contrast" not in told
    assert not any("too wide" in each for each in at_desk)
    assert any(each.startswith("too wide at 390: <div") for each in on_phone)


def test_what_a_browser_complains_of_is_heard(browser: Browser) -> None:
    watch = Watch()
    context = browser.new_context()
    watch.over(context, "127.0.0.1:1")
    page = context.new_page()
    with page.expect_event("requestfailed"):
        page.set_content(ELOQUENT)
    context.close()
    heard = "\n".join(watch.complaints)
    for complaint in (
        "said", "nowhere is not defined", "Content Security Policy",
        "asked another host: http://elsewhere.example.org/x.png",
        "failed: http://elsewhere.example.org/x.png",
    ):  # fmt: skip
        assert complaint in heard, heard
