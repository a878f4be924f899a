"""
What the library costs, beside the libraries that people would use instead.

    make bench                          everything
    make bench ARGS='jwt http'          some of it
    make bench ARGS='--json out.json'   also as JSON

Figures are published, and never decide whether a build passes.
"""
