#!/usr/bin/env bats
# What "make release" is told by its caller, which it checks before it fetches, builds or deletes anything; and what it says of
# the parts, for made-up ones. Needs no release.

load support/acceptance

NAME=terraform-provider-ecr

setup_file() { :; }
teardown() { :; }

# A tree with a release in it, where whatever begins to fetch or to build leaves a trace.
setup() {
    local program
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$TOP/scripts" "$TOP/VERSION" "$TOP/LICENSE" .
    mkdir -p build/release bin
    echo kept >build/release/previous
    for program in apt-get dpkg-architecture dpkg-deb make sudo; do
        printf '#!/bin/sh\necho "%s $*" >>"%s/begun"\nexit 1\n' "$program" "$PWD" >"bin/$program"
        chmod +x "bin/$program"
    done
    PATH=$PWD/bin:$PATH
    unset GPG_KEY RELEASE_ARCH
}

nothing_has_begun() {
    [[ ! -e begun ]] || fail "this has begun:" "$(<begun)"
    equal "$(find build) $(<build/release/previous)" "$(printf '%s\n' build build/release build/release/previous) kept"
}

@test "a RELEASE_ARCH that names no platform or another one is refused in one line" {
    local value script
    for value in ' ' $'\n' riscv64 x86_64 linux_amd64 amd64,arm64 'amd64 riscv64' $'arm64\nriscv64' AMD64 '*'; do
        for script in "deps release" release; do
            # shellcheck disable=SC2086 # a script and its argument
            RELEASE_ARCH=$value run scripts/$script
            equal "$status ${#lines[@]}" "1 1"
            contains "$output" "RELEASE_ARCH"
            contains "$output" "amd64"
            contains "$output" "arm64"
            nothing_has_begun
        done
    done
}

@test "RELEASE_ARCH picks platforms, each once, and both when it is empty" {
    source scripts/platforms
    equal "$(release_architectures)" $'amd64\narm64'
    equal "$(RELEASE_ARCH='' release_architectures)" $'amd64\narm64'
    equal "$(RELEASE_ARCH=amd64 release_architectures)" amd64
    equal "$(RELEASE_ARCH=$'\tarm64 \n' release_architectures)" arm64
    equal "$(RELEASE_ARCH=$'arm64 amd64\narm64' release_architectures)" $'amd64\narm64'
}

# key NAME ALGORITHM USE
key() { gpg --batch --quiet --passphrase '' --quick-generate-key "$1@example.com" "$2" "$3" never; }

@test "a GPG_KEY that cannot sign, or not for the Registry, is refused, and one that can is not" {
    local name
    export GNUPGHOME=$PWD/gnupg
    mkdir -m 700 gnupg
    key rsa rsa2048 sign
    key elliptic ed25519 sign
    key encrypts rsa2048 encr
    for name in nobody elliptic encrypts; do
        GPG_KEY=$name@example.com run scripts/release
        equal "$status" 1
        contains "$output" "GPG_KEY: "
        contains "$output" "$name@example.com"
        nothing_has_begun
    done
    GPG_KEY=elliptic@example.com run scripts/release
    contains "$output" "elliptic@example.com does not sign by RSA or DSA"
    GPG_KEY=rsa@example.com scripts/sign --check
    scripts/sign --check
    nothing_has_begun
    gpgconf --kill all
}

# What scripts/static-libraries and the linker leave behind, for "archives" from stdin, all of which are linked.
linked() {
    local archive package
    mkdir -p "out/linux_arm64" libraries/licences
    echo binary >"out/linux_arm64/${NAME}_v1.2.3"
    cat >libraries/archives
    while read -r archive package _; do
        echo "/lib/$archive(x.o)" >>map
        echo "free" >"libraries/licences/$package"
    done <libraries/archives
    scripts/package out $NAME 1.2.3 arm64 map libraries
}

@test "the list of parts has the architecture and the vendor of each package, and a supplier for all" {
    linked <<'EOT'
libgrpc.a libgrpc-dev 1.51.1-3+b1 arm64 Debian
libz.a zlib1g-dev 1:1.2.13 arm64 Ubuntu
libgcc.a libgcc-12-dev-arm64-cross 12.2.0-14cross1 all Debian
libcurl.a curl 7.88.1 source Ubuntu
EOT
    jq -r '.packages[] | "\(.supplier) \(.externalRefs[0].referenceLocator // .name)"' out/*.spdx.json >parts.txt
    equal "$(<parts.txt)" "$(
        cat <<EOT
Organization: aws-labs $NAME
Organization: Ubuntu pkg:deb/ubuntu/curl@7.88.1?arch=source
Organization: Debian pkg:deb/debian/libgcc-12-dev-arm64-cross@12.2.0-14cross1?arch=all
Organization: Debian pkg:deb/debian/libgrpc-dev@1.51.1-3%2Bb1?arch=arm64
Organization: Ubuntu pkg:deb/ubuntu/zlib1g-dev@1%3A1.2.13?arch=arm64
EOT
    )"
}
