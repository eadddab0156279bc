"""axe-core's rules against a page, in light and dark, on a phone and on a desk."""

from axe_playwright_python.base import AXE_SCRIPT

SIZES = (360, 640), (1280, 800)
# The dark theme changes nothing but colours: the other rules would find the same again.
RULES = {"light": {}, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}
RUN = "options => axe.run({...options, resultTypes: ['violations']}).then(all => all.violations)"


def expect_no_violations(reader):
    page, found = reader.page, []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme, rules in RULES.items():
            page.emulate_media(color_scheme=scheme)
            for rule in page.evaluate(RUN, rules):
                nodes = [(node["html"][:200], node["failureSummary"]) for node in rule["nodes"]]
                found.append((width, scheme, rule["id"], nodes))
    assert not found, found
