"""How Sphinx builds the site."""

from pathlib import Path

from sphinx.application import Sphinx

from tools.documentation import keyboard, sidebar, tables
from tools.documentation.navigation import navigation

project = "bymax-auth"
copyright = "Bymax"  # noqa: A001 - the name that Sphinx reads
extensions = ["myst_parser"]
myst_heading_anchors = 6
html_theme = "furo"
html_title = "bymax-auth"
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_search_scorer = str(Path(__file__).with_name("scorer.js"))
html_use_index = False
html_show_sphinx = False
# A browser reads no second file for a page that was opened from a disk, so results are titles.
html_show_search_summary = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5c8a", "color-brand-content": "#0b5c8a"},
    "dark_css_variables": {"color-brand-primary": "#7cc4f2", "color-brand-content": "#7cc4f2"},
}
pygments_style = "default"
pygments_dark_style = "github-dark"


def setup(app: Sphinx) -> None:
    """Connect what Sphinx asks while it builds."""
    sidebar.connect(app, navigation(Path(__file__).parents[2]))
    keyboard.connect(app)
    tables.connect(app)
