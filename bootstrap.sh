#!/bin/sh
# Makes .venv with everything that is locked in requirements/. Quick when nothing changed.
#   ./bootstrap.sh base    what the service needs (make demo)
#   ./bootstrap.sh dev     the same and what tests and linters need (make test)
#   ./bootstrap.sh second  a second environment on another fit Python, if there is one; prints the one to use
#   ./bootstrap.sh contract  .venv-contract, with another project's LMS code to test against (make test)
#   ./bootstrap.sh fuzz    .venv-fuzz, what the service needs and a fuzzer (make fuzz)
# PYTHON=/path/to/python3.12 chooses the interpreter, VENV=folder where the environment goes.
set -eu
cd "$(dirname "$0")"
set_of="${1:-dev}"
HOME="${HOME:-/nonexistent}"  # a machine that runs tests may have none
venv="${VENV:-.venv}"

is_fit() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

candidates() {
    pyenv_root="${PYENV_ROOT:-$HOME/.pyenv}"
    printf '%s\n' python3.12 python3.13 python3.14 python3 \
        "$pyenv_root"/versions/3.12*/bin/python3 "$pyenv_root"/versions/3.13*/bin/python3 \
        "$HOME"/.local/bin/python3.1[234] /usr/local/bin/python3.1[234] /opt/homebrew/bin/python3.1[234]
}

minor_of() {
    "$1" -c 'import sys; print(sys.version_info[1])'
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        if is_fit "$PYTHON"; then echo "$PYTHON"; return; fi
        echo "PYTHON=$PYTHON is not a Python 3.12, 3.13 or 3.14 with venv and ensurepip." >&2
        exit 1
    fi
    for candidate in $(candidates); do
        if is_fit "$candidate"; then echo "$candidate"; return; fi
    done
    echo "ITPM Byte needs Python 3.12 or 3.13 with its venv module. Install it, for example:" >&2
    echo "  Debian, Ubuntu:  apt install python3.12 python3.12-venv     macOS:  brew install python@3.12     pyenv:  pyenv install 3.12" >&2
    echo "or say where it is:  make demo PYTHON=/path/to/python3.12" >&2
    exit 1
}

if [ "$set_of" = second ]; then
    first="$(minor_of "$venv/bin/python")"
    for candidate in $(candidates); do
        if is_fit "$candidate" && [ "$(minor_of "$candidate")" != "$first" ]; then
            VENV="$venv-second" PYTHON="$candidate" "$0" dev >&2
            echo "$venv-second"
            exit 0
        fi
    done
    echo "Only Python 3.$first found: its tests run twice instead of on 3.12 and 3.13." >&2
    echo "$venv"
    exit 0
fi

# An environment with the wanted packages (dev holds base) and a working interpreter is left alone.
if [ "$set_of" = contract ] || [ "$set_of" = fuzz ]; then
    venv="$venv-$set_of"
    wanted="$(cksum < "requirements/$set_of.txt") ${PYTHON:-}"
else
    wanted="$(cat requirements/base.txt requirements/dev.txt | cksum) ${PYTHON:-}"
fi
for stamp in "$venv/.ready-$set_of" "$venv/.ready-dev"; do
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null; then
        exit 0
    fi
done

python="$(find_python)"
if ! is_fit "$venv/bin/python" || [ -n "${PYTHON:-}" ]; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
echo "Setting up $venv with $("$venv/bin/python" --version) ($set_of packages); this takes about a minute the first time."
"$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r "requirements/$set_of.txt"
rm -f "$venv"/.ready-*
printf '%s' "$wanted" > "$venv/.ready-$set_of"
