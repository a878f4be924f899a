#!/bin/sh
# Writes constraints.txt: the exact version of every package in .venv and in the environment of the compiler,
# and nothing about where it came from.
set -eu
cd "$(dirname "$0")/.."
{
  echo '# Exact versions of everything the project installs, for Python 3.11 to 3.13. Written by `make freeze`.'
  for environment in .venv .venv-wasm; do
    "$environment/bin/python" -m pip freeze --exclude bymax-auth
  done | grep -E '^[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+$' | sort -fu
} > constraints.txt
