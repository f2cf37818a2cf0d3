#!/usr/bin/env bash
# Prepares the sample's build context: a directory with a Dockerfile and all it copies.
# Usage: build.sh CONTEXT_DIR REVISION
# To push an image of your own, let this script fill CONTEXT_DIR with your Dockerfile and files.
set -euo pipefail

context=${1:?usage: build.sh CONTEXT_DIR REVISION}
revision=${2:?usage: build.sh CONTEXT_DIR REVISION}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
read -ra compiler <<<"${CC:-cc}" # may have words of its own, such as "ccache gcc"

if [[ $(uname -s) != Linux ]]; then
    echo "build.sh: the sample is compiled on this machine and must run on Linux; build it on Linux, or put your own application here" >&2
    exit 1
fi
if ! command -v "${compiler[0]}" >/dev/null; then
    echo "build.sh: there is no C compiler (${compiler[*]}); install gcc, or set CC" >&2
    exit 1
fi

mkdir -p "$context"
"${compiler[@]}" -Os -static -s -Wall -Wextra -Wl,--build-id=none \
    -DREVISION="\"$revision\"" -o "$context/hello" "$here/hello.c"
cp "$here/Dockerfile" "$context/"
