"""A bare `pip install bymax-auth` stays small, and works without any extra."""

import importlib.metadata
import json
import subprocess
import sys

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BARE_INSTALL = frozenset(
    {"annotated-types", "bymax-auth", "pydantic", "pydantic-core", "typing-extensions", "typing-inspection"}
)

IMPORT_WITHOUT_EXTRAS = """
import json, sys, sysconfig

sysconfig.get_config_vars()  # loads a module whose name depends on the platform
allowed = set(sys.argv[1].split()) | set(sys.stdlib_module_names) | {"bymax_auth"}


class NoExtras:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed:
            raise ModuleNotFoundError(f"{name} is not part of a bare install", name=name)
        return None


before = set(sys.modules)
sys.meta_path.insert(0, NoExtras())
import bymax_auth

loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted(loaded - set(sys.stdlib_module_names) - {"bymax_auth"})))
"""


def test_a_bare_install_brings_pydantic_and_nothing_else() -> None:
    """A host that wants passwords and sessions must not inherit a web framework or a driver."""
    assert closure_of("bymax-auth") == BARE_INSTALL


def test_the_package_imports_without_any_extra() -> None:
    """An import of an extra at module level would break every host that did not ask for it."""
    modules = sorted(top_level_modules_of(BARE_INSTALL - {"bymax-auth"}))
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT_EXTRAS, " ".join(modules)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) <= set(modules)


def closure_of(root: str) -> frozenset[str]:
    """The names of `root` and everything that it requires on this interpreter, without any extra."""
    found: set[str] = set()
    waiting = [root]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return frozenset(found)


def top_level_modules_of(distributions: frozenset[str]) -> set[str]:
    """The top-level modules that the distributions provide."""
    return {
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if distributions.intersection(map(canonicalize_name, owners))
    }
