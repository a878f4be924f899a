"""How a page looks to a person, and to one who does not use a mouse or does not see it."""

from collections import Counter
from typing import Any

from playwright.async_api import Page

from tools import npm_package

__all__ = ["button_names", "has_no_fault_of_axe", "is_readable", "tab_to"]

_TABS_AT_MOST = 80
_FOCUSED = """() => {
    const focused = document.activeElement;
    const style = getComputedStyle(focused);
    return [focused.ariaLabel || focused.textContent, style.outlineStyle !== "none"];
}"""

_AXE = npm_package.FOLDER / "node_modules" / "axe-core" / "axe.min.js"
_VIOLATIONS = """axe.run().then(({ violations }) =>
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`))"""

_COVERED = """() => [...document.querySelectorAll("button")].filter((button) => {
    if (!button.checkVisibility()) return false;
    button.scrollIntoView({ block: "center", behavior: "instant" });
    const { x, y, width, height } = button.getBoundingClientRect();
    return !button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}).map((button) => button.textContent)"""
_TEXT_CONTRAST = """() => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (color) => {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (color) => rgba(color).slice(0, 3)
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const color = getComputedStyle(each).backgroundColor;
            if (rgba(color)[3] === 255) return color;
        }
        return "Canvas";
    };
    const faults = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility()) continue;
        const pair = [getComputedStyle(element).color, behind(element)].map(luminance).sort((a, b) => b - a);
        const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
        if (ratio < 4.5) faults.push(`${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`);
    }
    return faults;
}"""


async def is_readable(page: Page) -> None:
    """Nothing lies on a button, and every text stands out from what is behind it."""
    assert await page.evaluate(_COVERED) == []
    assert await page.evaluate(_TEXT_CONTRAST) == []


async def has_no_fault_of_axe(page: Page) -> None:
    """The page breaks no rule of axe, which knows those of WCAG that a machine can judge."""
    npm_package.ready()
    await page.evaluate(_AXE.read_text("utf-8"))
    assert await page.evaluate(_VIOLATIONS) == []


async def tab_to(page: Page, name: str) -> None:
    """Press the tabulator until the focus is, visibly, on what begins with `name`."""
    for _ in range(_TABS_AT_MOST):
        await page.keyboard.press("Tab")
        text, visible = await page.evaluate(_FOCUSED)
        if text.startswith(name):
            assert visible, f"the focus on {name} cannot be seen"
            return
    raise AssertionError(f"The keyboard does not come to {name}.")


async def button_names(page: Page) -> Counter[str]:
    """The names of the buttons, as the accessibility tree has them."""
    session = await page.context.new_cdp_session(page)
    tree: dict[str, Any] = await session.send("Accessibility.getFullAXTree")
    nodes: list[dict[str, Any]] = tree["nodes"]
    shown = [node for node in nodes if not node["ignored"] and node["role"]["value"] == "button"]
    return Counter(node["name"]["value"] for node in shown)
