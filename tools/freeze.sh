#!/bin/sh
# Writes constraints.txt: the exact version of every package in .venv, and nothing about where it came from.
set -eu
cd "$(dirname "$0")/.."
{
  echo '# Exact versions of everything the project installs, for Python 3.11 to 3.13. Written by `make freeze`.'
  .venv/bin/python -m pip freeze --exclude bymax-auth | grep -E '^[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+$' | sort -f
} > constraints.txt
